import HDF5

/// One number over everything in a store that does not change after its creation: the root attributes, the images'
/// paths and labels, and type, shape, filters and attributes of every dataset with rows. What a user adds to a store
/// later is not covered.
enum MetadataChecksum {
  /// Attributes of `/checksums`.
  static let value = "metadata"
  static let attributes = "metadata_attributes"

  static func compute(of file: HDF5File) throws -> Int {
    var text = ""
    func add(_ name: String, of object: String) throws {
      let attribute = try file.attribute(name, of: object)
      text += "attribute \(object) \(name) \(attribute.map { "\($0)" } ?? "is missing")\n"
    }
    for name in try file.attribute(attributes, of: StoreSchema.checksums)?.strings ?? [] {
      try add(name, of: "/")
    }
    for path in try file.dataset(StoreSchema.imagePath).readStrings() { text += "path \(path)\n" }
    text += "labels \(try file.dataset(StoreSchema.imageLabel).read(Int32.self))\n"
    try add("classes", of: StoreSchema.imageLabel)
    for path in try coveredDatasets(of: file) {
      let dataset = try file.dataset(path)
      text += "dataset \(path) \(dataset.elementType) \(dataset.shape) \(dataset.layout) \(dataset.filters)\n"
      if path.hasPrefix("/features/") {
        try add("grid", of: path)
        try add("prefix_tokens", of: path)
        // Of taps inside blocks alone.
        for name in [StoreSchema.definition, StoreSchema.axes, StoreSchema.axisLengths]
        where try file.attribute(name, of: path) != nil {
          try add(name, of: path)
        }
      }
      if path.hasPrefix("/joints/") {
        try add("starts", of: path)
        try add("joints", of: path)
      }
    }
    if try file.entry(at: "/features") == .group {
      // A condition that was linked or added later has no sums, and is none of those the store was made with.
      for condition in try file.children(of: "/features")
      where try file.entry(at: StoreSchema.checksums + "/features/" + condition.name) == .group {
        try add("taps", of: "/features/" + condition.name)
        // Stores of earlier versions have a sum without these.
        for name in [StoreSchema.parents, StoreSchema.roles]
        where try file.attribute(name, of: "/features/" + condition.name) != nil {
          try add(name, of: "/features/" + condition.name)
        }
      }
    }
    return Int(Checksum.crc32(of: Array(text.utf8)))
  }

  /// Paths of the datasets that have checksums of their rows, in the order of their creation.
  static func coveredDatasets(of file: HDF5File) throws -> [String] {
    var paths: [String] = []
    func walk(_ group: String) throws {
      for child in try file.children(of: group) {
        let path = group + "/" + child.name
        switch child.kind {
        case .group: try walk(path)
        case .dataset: paths.append(String(path.dropFirst(StoreSchema.checksums.count)))
        case .other: break
        }
      }
    }
    for group in ["/inputs", "/features", "/reconstructions", "/joints"]
    where try file.entry(at: StoreSchema.checksums + group) == .group {
      try walk(StoreSchema.checksums + group)
    }
    return paths
  }
}
