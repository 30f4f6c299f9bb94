import Formats
import HDF5

/// What a commit of the journal says of its rows beside their chunks: what `/images` keeps of each, then the checksums of the
/// rows, dataset by dataset.
struct JournalPayload {
  let bytes: [UInt8]

  init(records: [ImageRecord], sums: [UInt32]) {
    bytes = records.flatMap(\.bytes) + sums.flatMap { Bytes.of($0) }
  }

  /// What the image of a row of the block is known by; nil where the payload does not say.
  static func content(place: Int, of payload: [UInt8], plan: StorePlan) -> ContentIdentity? {
    let start = place * ImageRecord.byteCount(plan) + 8 + StoreSchema.errorBytes
    guard plan.recordsContents, payload.count >= start + ContentIdentity.digitCount else { return nil }
    return ContentIdentity(String(decoding: payload[start..<start + ContentIdentity.digitCount], as: UTF8.self))
  }
}

/// The small datasets of a store in memory, while a compressed store is put together.
struct StoreRows {
  private var sizes: [UInt8]
  private var errors: [UInt8]
  /// Empty where the plan does not record them.
  private var contents: [UInt8]
  private var imageSums: [UInt32]
  private var sums: [[UInt32]]
  private var progress: [[UInt8]]

  init(plan: StorePlan) {
    let count = plan.images.count
    sizes = [UInt8](repeating: 0, count: count * 8)
    errors = [UInt8](repeating: 0, count: count * StoreSchema.errorBytes)
    contents = [UInt8](repeating: 0, count: plan.recordsContents ? count * ContentIdentity.digitCount : 0)
    imageSums = [UInt32](repeating: 0, count: count)
    sums = plan.datasets.map { _ in [UInt32](repeating: 0, count: count) }
    progress = plan.conditions.map { _ in [UInt8](repeating: 0, count: count) }
  }

  /// Takes over the rows of blocks that another file holds.
  ///
  /// - Parameter firstRow: the row of the plan that is the first of the file.
  mutating func take(
    from old: FeatureStore, firstRow: Int = 0, plan: StorePlan, datasets: [PlannedDataset], blocks: [[Bool]]
  ) throws {
    let oldSums = try datasets.map { try old.file.dataset(StoreSchema.checksum(of: $0.path)).read(UInt32.self) }
    let oldImageSums = try old.file.dataset(StoreSchema.imageChecksums).read(UInt32.self)
    for (condition, complete) in blocks.enumerated() {
      for (block, isComplete) in complete.enumerated() where isComplete {
        for row in plan.rows(ofBlock: block) {
          let own = row - firstRow
          progress[condition][row] = 1
          imageSums[row] = oldImageSums[own]
          for (number, dataset) in datasets.enumerated() where dataset.condition == condition {
            sums[number][row] = oldSums[number][own]
          }
          if !old.imageSizes.isEmpty {
            sizes.replaceSubrange(
              row * 8..<row * 8 + 8, with: old.imageSizes[own].shape.flatMap { Bytes.of(Int32(clamping: $0)) })
          }
          setError(Array(old.errors[own].utf8), row: row)
          if !old.imageContents.isEmpty, let content = old.imageContents[own] {
            setContent(Array(content.description.utf8)[...], row: row)
          }
        }
      }
    }
  }

  private mutating func setError(_ text: [UInt8], row: Int) {
    let start = row * StoreSchema.errorBytes
    let kept = text.prefix(StoreSchema.errorBytes)
    errors.replaceSubrange(
      start..<start + StoreSchema.errorBytes,
      with: kept + [UInt8](repeating: 0, count: StoreSchema.errorBytes - kept.count))
  }

  private mutating func setContent(_ digits: ArraySlice<UInt8>, row: Int) {
    guard !contents.isEmpty else { return }
    let start = row * ContentIdentity.digitCount
    contents.replaceSubrange(start..<start + ContentIdentity.digitCount, with: digits)
  }

  /// Takes over the rows of a block of the journal.
  mutating func take(_ commit: ChunkJournal.Commit, plan: StorePlan, datasets: [PlannedDataset]) throws {
    let rows = plan.rows(ofBlock: commit.block)
    let own = datasets.indices.filter { datasets[$0].condition == commit.condition }
    let recordBytes = ImageRecord.byteCount(plan)
    let expected = rows.count * (recordBytes + own.count * 4)
    guard commit.payload.count == expected else {
      throw StoreError(
        .badStore,
        "the journal's block \(commit.block) has \(commit.payload.count) bytes, expected \(expected); remove it")
    }
    for (place, row) in rows.enumerated() {
      let start = place * recordBytes
      sizes.replaceSubrange(row * 8..<row * 8 + 8, with: commit.payload[start..<start + 8])
      let content = start + 8 + StoreSchema.errorBytes
      setError(Array(commit.payload[start + 8..<content]), row: row)
      if plan.recordsContents {
        setContent(commit.payload[content..<content + ContentIdentity.digitCount], row: row)
      }
      imageSums[row] = Bytes.unsigned32(commit.payload, at: start + recordBytes - 4)
      for (position, number) in own.enumerated() {
        let offset = rows.count * recordBytes + (position * rows.count + place) * 4
        sums[number][row] = Bytes.unsigned32(commit.payload, at: offset)
      }
      progress[commit.condition][row] = 1
    }
  }

  /// Writes everything into the new file.
  func write(to file: HDF5File, plan: StorePlan, datasets: [PlannedDataset], complete: Bool) throws {
    try writeImages(to: file, plan: plan)
    try file.dataset(StoreSchema.imageChecksums).write(imageSums)
    for (number, dataset) in datasets.enumerated() {
      try file.dataset(StoreSchema.checksum(of: dataset.path)).write(sums[number])
    }
    for (condition, name) in plan.conditions.enumerated() {
      try file.dataset(StoreSchema.progress(name)).write(progress[condition])
    }
    if complete { try file.dataset(StoreSchema.finished).write([UInt8(1)]) }
  }

  /// Writes what was found of each image.
  func writeImages(to file: HDF5File, plan: StorePlan) throws {
    try sizes.withUnsafeBytes { try file.dataset(StoreSchema.imageSize).write($0, as: .int32) }
    try file.dataset(StoreSchema.imageError).writeStrings(
      stride(from: 0, to: errors.count, by: StoreSchema.errorBytes).map { start in
        String(decoding: errors[start..<start + StoreSchema.errorBytes].prefix { $0 != 0 }, as: UTF8.self)
      })
    if plan.recordsContents {
      let digits = ContentIdentity.digitCount
      try file.dataset(StoreSchema.imageContent).writeStrings(
        stride(from: 0, to: contents.count, by: digits).map { start in
          String(decoding: contents[start..<start + digits].prefix { $0 != 0 }, as: UTF8.self)
        })
    }
  }
}
