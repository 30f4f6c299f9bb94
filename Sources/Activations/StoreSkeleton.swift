import Formats
import Foundation
import HDF5

extension StorePlan {
  private static let early = HDF5Dataset.Options(layout: .contiguous, allocateEarly: true)

  /// Makes the file with every group, dataset and attribute, and the data that are known before the first image is
  /// read. All other data are zeros.
  ///
  /// Without compression all space is taken at once and nothing but raw data ever changes afterwards.
  func makeSkeleton(at path: String, createdAt: String? = nil) throws {
    let file = try HDF5File.create(path)
    try makeImages(in: file, createdAt: createdAt)
    try makeGroups(in: file)
    for dataset in datasets {
      var options = HDF5Dataset.Options(layout: .chunked([dataset.chunkRows] + dataset.rowShape))
      switch compression {
      case .none: options.allocateEarly = true
      case .deflate(let level):
        options.deflateLevel = level
        options.shuffle = dataset.scalar.size > 1
      }
      try file.createDataset(
        dataset.path, .scalar(dataset.scalar), shape: [images.count] + dataset.rowShape, options: options)
      try describe(dataset, in: file)
    }
    try file.createGroup("/progress")
    for condition in conditions {
      try file.createDataset(
        StoreSchema.progress(condition), .scalar(.uint8), shape: [images.count], options: StorePlan.early
      )
      .write([UInt8](repeating: 0, count: images.count))
    }
    try makeChecksums(in: file)
    try file.flush()
  }

  /// Makes a file whose rows are those of other files of the plan, one after the other: virtual datasets, and no checksums.
  ///
  /// - Parameters:
  ///   - parts: as ``HDF5File/VirtualPart`` has them.
  ///   - createdAt: the date of the store.
  /// - Returns: the open file, whose `/images` still lacks what was found of the images.
  func makeView(at path: String, of parts: [HDF5File.VirtualPart], createdAt: String?) throws -> HDF5File {
    let file = try HDF5File.create(path)
    try makeImages(in: file, createdAt: createdAt)
    try makeGroups(in: file)
    for dataset in datasets {
      try file.createVirtualDataset(
        dataset.path, dataset.scalar, rowShape: dataset.rowShape, of: parts, isFilledWithNaN: dataset.scalar.isFloat)
      try describe(dataset, in: file)
    }
    for condition in conditions {
      try file.createVirtualDataset(
        StoreSchema.progress(condition), .uint8, rowShape: [], of: parts, isFilledWithNaN: false)
    }
    return file
  }

  /// The root attributes and `/images`.
  private func makeImages(in file: HDF5File, createdAt: String?) throws {
    let rows = images.count
    let early = StorePlan.early
    for attribute in rootAttributes(createdAt: createdAt) {
      try file.setAttribute(attribute.name, of: "/", to: attribute.value)
    }
    try file.createGroup("/images")
    let pathBytes = max(1, images.map(\.path.utf8.count).max() ?? 1)
    try file.createDataset(StoreSchema.imagePath, .fixedString(bytes: pathBytes), shape: [rows], options: early)
      .writeStrings(images.map(\.path))
    try file.createDataset(StoreSchema.imageSize, .scalar(.int32), shape: [rows, 2], options: early)
      .write([Int32](repeating: 0, count: rows * 2))
    try file.createDataset(StoreSchema.imageLabel, .scalar(.int32), shape: [rows], options: early)
      .write(images.map(\.label))
    for name in [StoreSchema.classNames, StoreSchema.classes] {
      try file.setAttribute(name, of: StoreSchema.imageLabel, to: .strings(classes))
    }
    try file.createDataset(
      StoreSchema.imageError, .fixedString(bytes: StoreSchema.errorBytes), shape: [rows], options: early
    )
    .writeStrings([String](repeating: "", count: rows))
    if recordsContents {
      try file.createDataset(
        StoreSchema.imageContent, .fixedString(bytes: ContentIdentity.digitCount), shape: [rows], options: early
      )
      .writeStrings([String](repeating: "", count: rows))
    }
  }

  /// The groups of conditions, with the names of what is in them.
  private func makeGroups(in file: HDF5File) throws {
    if inputSize != nil { try file.createGroup("/inputs") }
    for condition in conditions {
      let group = "/features/\(condition)"
      try file.createGroup(group)
      try file.setAttribute("taps", of: group, to: .strings(taps.map(\.name)))
      if taps.allSatisfy({ $0.role != nil }) {
        try file.setAttribute(StoreSchema.parents, of: group, to: .strings(taps.map { $0.parent ?? "" }))
        try file.setAttribute(StoreSchema.roles, of: group, to: .strings(taps.map { $0.role?.rawValue ?? "" }))
      }
    }
    for condition in conditions where !reconstructions.isEmpty {
      let group = "/reconstructions/\(condition)"
      try file.createGroup(group)
      try file.setAttribute("taps", of: group, to: .strings(reconstructions))
    }
    if joints != nil { try file.createGroup("/joints") }
  }

  /// The attributes of a dataset.
  private func describe(_ dataset: PlannedDataset, in file: HDF5File) throws {
    if let index = dataset.tap {
      try file.setAttribute("grid", of: dataset.path, to: .integers(taps[index].grid?.shape ?? []))
      try file.setAttribute("prefix_tokens", of: dataset.path, to: .integer(taps[index].prefixTokens))
      try describe(taps[index], at: dataset.path, in: file)
    }
    if let joints, dataset.isJoints {
      try file.setAttribute("starts", of: dataset.path, to: .strings(joints.starts))
      try file.setAttribute("joints", of: dataset.path, to: .strings(joints.joints))
    }
  }

  private func makeChecksums(in file: HDF5File) throws {
    let rows = images.count
    let early = StorePlan.early
    try file.createGroup(StoreSchema.checksums)
    let zeros = [UInt32](repeating: 0, count: rows)
    try file.createDataset(StoreSchema.imageChecksums, .scalar(.uint32), shape: [rows], options: early).write(zeros)
    if recordsContents {
      try file.setAttribute(
        StoreSchema.covers, of: StoreSchema.imageChecksums, to: .strings(["size", "error", "sha256"]))
    }
    for dataset in datasets {
      try file.createDataset(
        StoreSchema.checksum(of: dataset.path), .scalar(.uint32), shape: [rows], options: early
      ).write(zeros)
    }
    try file.createDataset(StoreSchema.finished, .scalar(.uint8), shape: [1], options: early).write([UInt8(0)])
    try file.setAttribute(
      MetadataChecksum.attributes, of: StoreSchema.checksums, to: .strings(rootAttributes().map(\.name)))
    try file.setAttribute(
      MetadataChecksum.value, of: StoreSchema.checksums, to: .integer(try MetadataChecksum.compute(of: file)))
  }

  /// Writes what a tap inside a block is.
  private func describe(_ tap: StoreTap, at path: String, in file: HDF5File) throws {
    guard let part = BlockPart.split(tap.name)?.part, !tap.axes.isEmpty else { return }
    try file.setAttribute(StoreSchema.definition, of: path, to: .string(part.definition))
    try file.setAttribute(StoreSchema.axes, of: path, to: .strings(tap.axes.map(\.name)))
    try file.setAttribute(StoreSchema.axisLengths, of: path, to: .integers(tap.axes.map(\.length)))
  }

  /// Root attributes, in the order they are written.
  func rootAttributes(createdAt: String? = nil) -> [(name: String, value: HDF5Attribute)] {
    [
      ("format", .string(StoreSchema.format)), ("version", .integer(StoreSchema.version)),
      ("model", .string(header.model)), ("family", .string(header.family)),
      ("checkpoint_sha256", .string(header.checkpointSHA256)), ("config", .string(header.configuration)),
      ("preprocessing", .string(header.preprocessing)), ("created_by", .string(header.createdBy)),
      ("created_at", .string(createdAt ?? header.createdAt)), ("seed", .integer(header.seed)),
      (StoreSchema.precision, .string(precision.rawValue)),
      (StoreSchema.compression, .string(compression.description)), (StoreSchema.blockSize, .integer(blockSize)),
    ] + (header.settings + header.remarks).map { ($0.name, .string($0.value)) }
  }
}
