import Formats
import HDF5
import Synchronization

/// What `verify` found in a store.
public struct StoreReport: Sendable {
  /// Something that is not as it was written.
  public struct Mismatch: Sendable, Equatable {
    public let condition: String?
    public let tap: String?
    public let row: Int?
    /// The dataset, and in words what is wrong, with the image's path where a row is meant.
    public let description: String
    /// Whether something was never written, rather than damaged.
    public var isUnwritten = false
  }

  /// Rows of a condition.
  public struct Rows: Sendable, Equatable {
    public let condition: String
    /// Rows marked complete, those of unreadable images among them.
    public let complete: Int
    public let total: Int
  }

  public var rows: [Rows] = []
  /// Images that could not be read when the store was made.
  public var unreadableImages: Int = 0
  public var mismatches: [Mismatch] = []
  /// Features that are not finite (NaN or infinite), over all complete rows.
  public var nonFinite: Int = 0
  /// Bytes of features and pixels that were read and compared.
  public var bytesChecked: Int = 0
  /// False where the store holds no checksums (one written by other means): then only shapes, types, readability and
  /// finiteness are checked.
  public var hasChecksums = true
  /// Datasets that have no checksums beside others that have: linked from other files, or added by other means.
  public var unchecked: [String] = []
  /// Whether something is damaged, and not only missing.
  public var isDamaged: Bool { mismatches.contains { !$0.isUnwritten } }
  /// Whether all rows of all conditions are complete.
  public var isComplete: Bool { rows.allSatisfy { $0.complete == $0.total } }
  /// Nothing is damaged. An interrupted store, whose rows are not all complete, passes too.
  public var passes: Bool { mismatches.isEmpty }
}

extension FeatureStore {
  /// Reads the whole store and compares every complete row with its checksum, streaming.
  ///
  /// - Parameter progress: gets the bytes read so far, from any thread.
  public func verify(threads: Int = 2, progress: (@Sendable (Int) -> Void)? = nil) throws -> StoreReport {
    guard parts.parts.count == 1, parts.parts[0].path == path else {
      return try verifyShards(threads: threads, progress: progress)
    }
    var report = StoreReport()
    report.hasChecksums = try reporting { try file.entry(at: StoreSchema.checksums) == .group }
    report.unreadableImages = errors.count { !$0.isEmpty }
    if report.hasChecksums {
      try verifyMetadata(&report)
    } else if attribute(StoreSchema.compression) != nil, attribute(StoreSchema.blockSize) != nil, try isOfOnePiece() {
      // One of Palimpsest's own: they all have checksums. An index over other files, with the attributes of one, has none.
      report.mismatches.append(
        StoreReport.Mismatch(
          condition: nil, tap: nil, row: nil, description: "the group \(StoreSchema.checksums) is missing"))
    }
    let finished = try finishedMark() ?? false
    let total = Mutex(0)
    for condition in conditions {
      let marks = try self.progress(of: condition)
      for (row, mark) in marks.enumerated() where mark > 1 || (finished && mark == 0) {
        report.mismatches.append(
          StoreReport.Mismatch(
            condition: condition, tap: nil, row: row,
            description: mark > 1
              ? "\(StoreSchema.progress(condition)) has \(mark) for row \(row) (\(imagePaths[row])), expected 0 or 1"
              : "row \(row) (\(imagePaths[row])) of condition \(condition) is missing from a store that was finished"))
      }
      for unwritten in try completeness(of: condition).unwritten {
        let rows = unwritten.rows.reduce(0) { $0 + $1.count }
        let names = unwritten.rows.prefix(3).map(RowText.rows).joined(separator: ", ")
        report.mismatches.append(
          StoreReport.Mismatch(
            condition: condition, tap: nil, row: unwritten.rows.first?.lowerBound,
            description: "\(unwritten.dataset): \(rows) of \(count) rows were never written: \(names)"
              + (unwritten.rows.count > 3 ? ", …" : ""), isUnwritten: true))
      }
      let complete = (0..<count).filter { marks[$0] == 1 }
      report.rows.append(StoreReport.Rows(condition: condition, complete: complete.count, total: count))
      let datasets = try rowDatasets(of: condition)
      for dataset in datasets {
        try verify(dataset.path, condition, dataset.tap, complete, threads, &report) { bytes in
          let sum = total.withLock { total -> Int in
            total += bytes
            return total
          }
          progress?(sum)
        }
      }
    }
    report.bytesChecked = total.withLock { $0 }
    return report
  }

  private func verifyMetadata(_ report: inout StoreReport) throws {
    try reporting {
      let recorded = try file.attribute(MetadataChecksum.value, of: StoreSchema.checksums)?.integer
      // A dataset that is gone is reported by its name rather than by a sum that differs.
      var expected = [StoreSchema.imageSize, StoreSchema.imageLabel, StoreSchema.imageError]
      if recorded != nil { expected += [StoreSchema.imageChecksums, StoreSchema.finished] }
      expected += conditions.map(StoreSchema.progress)
      for path in try expected + MetadataChecksum.coveredDatasets(of: file) where try file.entry(at: path) != .dataset {
        report.mismatches.append(
          StoreReport.Mismatch(condition: nil, tap: nil, row: nil, description: "the dataset \(path) is missing"))
      }
      if let recorded, report.mismatches.isEmpty, try MetadataChecksum.compute(of: file) != recorded {
        report.mismatches.append(
          StoreReport.Mismatch(
            condition: nil, tap: nil, row: nil,
            description: "attributes, image paths or labels are not those the store was made with"))
      }
      // One of Palimpsest's own: they all have this sum.
      if recorded == nil, attribute(StoreSchema.compression) != nil, attribute(StoreSchema.blockSize) != nil {
        report.mismatches.append(
          StoreReport.Mismatch(
            condition: nil, tap: nil, row: nil,
            description: "the attribute \(MetadataChecksum.value) of \(StoreSchema.checksums) is missing"))
      }
      try verifyWhatNoSumCovers(&report)
    }
    guard try file.entry(at: StoreSchema.imageChecksums) == .dataset else { return }
    let sums = try sums(of: StoreSchema.imageChecksums)
    let written = try conditions.map { try progress(of: $0) }
    let texts = try reporting { try file.dataset(StoreSchema.imageError).readStringBytes() }
    guard texts.count == count * StoreSchema.errorBytes else {
      report.mismatches.append(
        StoreReport.Mismatch(
          condition: nil, tap: nil, row: nil,
          description: "\(StoreSchema.imageError) has not the strings it was made with"))
      return
    }
    let coversContents = try recordsContents()
    var contents: [UInt8] = []
    if coversContents {
      contents = try reporting { try file.dataset(StoreSchema.imageContent).readStringBytes() }
      guard contents.count == count * ContentIdentity.digitCount else {
        report.mismatches.append(
          StoreReport.Mismatch(
            condition: nil, tap: nil, row: nil,
            description: "\(StoreSchema.imageContent) has not the strings it was made with"))
        return
      }
    }
    for row in 0..<count where written.contains(where: { $0[row] == 1 }) {
      let size = imageSizes.isEmpty ? ImageSize(side: 0) : imageSizes[row]
      let sizeBytes = size.shape.flatMap { value in (0..<4).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) } }
      let text = texts[row * StoreSchema.errorBytes..<(row + 1) * StoreSchema.errorBytes]
      let digits = contents.isEmpty ? 0 : ContentIdentity.digitCount
      if Checksum.crc32(of: sizeBytes + text + contents[row * digits..<(row + 1) * digits]) != sums[row] {
        report.mismatches.append(
          StoreReport.Mismatch(
            condition: nil, tap: nil, row: row,
            description: "size, error text or SHA-256 of row \(row) (\(imagePaths[row])) does not fit its checksum"))
      }
    }
  }

  /// Compares what the sum over the metadata leaves out with where it is written a second time.
  private func verifyWhatNoSumCovers(_ report: inout StoreReport) throws {
    func names(_ attribute: String) throws -> [String]? {
      guard try file.entry(at: StoreSchema.imageLabel) == .dataset else { return nil }
      return try file.attribute(attribute, of: StoreSchema.imageLabel)?.strings
    }
    if let read = try names(StoreSchema.classNames), let summed = try names(StoreSchema.classes), read != summed {
      report.mismatches.append(
        StoreReport.Mismatch(
          condition: nil, tap: nil, row: nil,
          description: "the class names of \(StoreSchema.imageLabel) are not those the store was made with"))
    }
    for condition in conditions {
      let group = "/reconstructions/\(condition)"
      let sums = StoreSchema.checksums + group
      // The checksums were made in the order of the taps.
      guard try file.entry(at: group) == .group, try file.entry(at: sums) == .group, try file.remembersOrder(of: sums),
        let recorded = try file.attribute("taps", of: group)?.strings
      else { continue }
      if try file.children(of: sums).map(\.name) != recorded {
        report.mismatches.append(
          StoreReport.Mismatch(
            condition: condition, tap: nil, row: nil,
            description: "the taps of \(group) are not those the store was made with"))
      }
    }
  }

  /// Whether all features lie in this file, and none are made of others.
  private func isOfOnePiece() throws -> Bool {
    try conditions.allSatisfy { condition in
      try rowDatasets(of: condition).allSatisfy {
        let dataset = try reader($0.path).dataset
        return dataset.isInOpenedFile && dataset.layout != .virtual
      }
    }
  }

  /// Whether something came into a store of Palimpsest's own by other means: from another file, or as a tap that the list
  /// of the store's taps does not have.
  private func isForeign(_ dataset: HDF5Dataset, _ condition: String, _ tap: String?) throws -> Bool {
    if !dataset.isInOpenedFile || dataset.layout == .virtual { return true }
    guard let tap else { return false }
    let recorded = try reporting { try file.attribute("taps", of: "/features/" + condition)?.strings }
    return recorded.map { !$0.contains(tap) } ?? true
  }

  private func sums(of dataset: String) throws -> [UInt32] {
    try reporting {
      let sums = try file.dataset(dataset).read(UInt32.self)
      guard sums.count == count else {
        throw StoreError(.badStore, "\(path): \(dataset) has \(sums.count) rows, expected \(count)")
      }
      return sums
    }
  }

  /// Compares the complete rows of one dataset with their checksums.
  private func verify(
    _ dataset: String, _ condition: String, _ tap: String?, _ rows: [Int], _ threads: Int,
    _ report: inout StoreReport, _ advance: @escaping @Sendable (Int) -> Void
  ) throws {
    let checksum = StoreSchema.checksum(of: dataset)
    let expected = try file.entry(at: checksum) == .dataset ? try sums(of: checksum) : nil
    let reader = try reader(dataset)
    if expected == nil, report.hasChecksums {
      if try isForeign(reader.dataset, condition, tap) {
        report.unchecked.append(dataset)
      } else {
        report.mismatches.append(
          StoreReport.Mismatch(
            condition: condition, tap: tap, row: nil, description: "the dataset \(checksum) is missing"))
      }
    }
    // Whole chunks at a time, and several small rows together.
    let unit = max(reader.unitRows, (1 << 20) / max(1, reader.rowBytes) / reader.unitRows * reader.unitRows)
    let pieces = stride(from: 0, to: rows.last.map { $0 + 1 } ?? 0, by: unit).map { $0..<min(count, $0 + unit) }
    let marked = Set(rows)
    let found = Mutex<(mismatches: [StoreReport.Mismatch], nonFinite: Int)>(([], 0))
    let images = imagePaths
    try inParallel(pieces.count, threads: threads) { [self] index in
      let piece = pieces[index]
      try withUnsafeTemporaryAllocation(byteCount: piece.count * reader.rowBytes, alignment: 16) { buffer in
        var trouble: String?
        do {
          try reporting { try reader.readBytes(rows: piece, into: buffer) }
        } catch let error as StoreError where error.kind == .badStore {
          trouble = error.description
        }
        for row in piece where marked.contains(row) {
          let start = (row - piece.lowerBound) * reader.rowBytes
          let bytes = UnsafeRawBufferPointer(rebasing: buffer[start..<start + reader.rowBytes])
          var reason = trouble.map { "cannot be read: \($0)" }
          if reason == nil, let expected, Checksum.crc32(bytes) != expected[row] {
            reason = "does not fit its checksum"
          }
          let strange = reason == nil && tap != nil ? Finiteness.countNonFinite(bytes, reader.scalar) : 0
          found.withLock { found in
            found.nonFinite += strange
            if let reason {
              found.mismatches.append(
                StoreReport.Mismatch(
                  condition: condition, tap: tap, row: row,
                  description: "row \(row) (\(images[row])) of \(dataset) \(reason)"))
            }
          }
        }
        advance(buffer.count)
      }
    }
    let (mismatches, nonFinite) = found.withLock { $0 }
    report.mismatches += mismatches.sorted { ($0.row ?? -1) < ($1.row ?? -1) }
    report.nonFinite += nonFinite
  }
}

/// Counts of NaN and infinity, in any precision.
enum Finiteness {
  static func countNonFinite(_ bytes: UnsafeRawBufferPointer, _ scalar: HDF5ScalarType) -> Int {
    switch scalar {
    case .float16: count(bytes, as: UInt16.self, exponent: 0x7c00)
    case .float32: count(bytes, as: UInt32.self, exponent: 0x7f80_0000)
    case .float64: count(bytes, as: UInt64.self, exponent: 0x7ff0_0000_0000_0000)
    default: 0
    }
  }

  private static func count<Bits: FixedWidthInteger & UnsignedInteger>(
    _ bytes: UnsafeRawBufferPointer, as type: Bits.Type, exponent: Bits
  ) -> Int {
    var count = 0
    let numbers = bytes.bindMemory(to: Bits.self)
    for bits in numbers where bits & exponent == exponent { count += 1 }
    return count
  }
}
