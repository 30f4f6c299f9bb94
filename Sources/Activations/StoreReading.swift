import Formats
import HDF5
import Results

/// Reads and checks what a store says of itself, when it is opened.
struct StoreReading {
  let file: HDF5File

  private func bad(_ text: String) -> StoreError { StoreError(.badStore, "\(file.path): \(text)") }

  func rootString(_ name: String) throws -> String? {
    try file.attribute(name, of: "/")?.string
  }

  func requireFormat() throws {
    guard let format = try rootString("format") else {
      throw bad("it is not a feature store: it has no attribute format, expected '\(StoreSchema.format)'")
    }
    guard format == StoreSchema.format else {
      throw bad("it is not a feature store: its format is '\(format)', expected '\(StoreSchema.format)'")
    }
    let attribute = try file.attribute("version", of: "/")
    guard let version = attribute?.integer ?? attribute?.string.flatMap(Int.init) else {
      throw bad("it has no attribute version, expected \(StoreSchema.version)")
    }
    guard version >= 1 else { throw bad("its version is \(version), expected \(StoreSchema.version)") }
    guard version <= StoreSchema.version else {
      throw bad(
        "it has version \(version) of the schema, this program reads up to \(StoreSchema.version); take a newer palimpsest"
      )
    }
  }

  func rootAttributes() throws -> [StoreSetting] {
    try file.attributeNames(of: "/").compactMap { name in
      switch try file.attribute(name, of: "/") {
      case .strings(let values, _) where values.count == 1: StoreSetting(name, values[0])
      case .integers(let values, _) where values.count == 1: StoreSetting(name, "\(values[0])")
      case .reals(let values, _) where values.count == 1: StoreSetting(name, "\(values[0])")
      default: nil
      }
    }
  }

  private func dataset(_ path: String) throws -> HDF5Dataset {
    guard try file.entry(at: path) == .dataset else { throw bad("the dataset \(path) is missing") }
    return try file.dataset(path)
  }

  private func optionalDataset(_ path: String, count: Int) throws -> HDF5Dataset? {
    guard try file.entry(at: path) != nil else { return nil }
    let dataset = try dataset(path)
    guard dataset.shape.first == count else {
      throw bad("\(path) has shape \(dataset.shape), expected \(count) rows as in \(StoreSchema.imagePath)")
    }
    return dataset
  }

  func imagePaths() throws -> [String] {
    let paths = try dataset(StoreSchema.imagePath).readStrings()
    guard !paths.isEmpty else { throw bad("it holds no images") }
    return paths
  }

  func labels(count: Int) throws -> [Int32] {
    guard let dataset = try optionalDataset(StoreSchema.imageLabel, count: count) else {
      return [Int32](repeating: -1, count: count)
    }
    guard dataset.shape.count == 1 else {
      throw bad("\(StoreSchema.imageLabel) has shape \(dataset.shape), expected [\(count)]")
    }
    return try dataset.read(Int32.self)
  }

  func classes() throws -> [String] {
    guard try file.entry(at: StoreSchema.imageLabel) == .dataset else { return [] }
    for name in [StoreSchema.classNames, StoreSchema.classes] {
      if let names = try file.attribute(name, of: StoreSchema.imageLabel)?.strings { return names }
    }
    return []
  }

  func errors(count: Int) throws -> [String] {
    try optionalDataset(StoreSchema.imageError, count: count)?.readStrings() ?? [String](repeating: "", count: count)
  }

  func sizes(count: Int) throws -> [[Int]] {
    guard let dataset = try optionalDataset(StoreSchema.imageSize, count: count) else { return [] }
    guard dataset.shape == [count, 2] else {
      throw bad("\(StoreSchema.imageSize) has shape \(dataset.shape), expected [\(count), 2]")
    }
    let values = try dataset.read(Int32.self)
    return (0..<count).map { [Int(values[2 * $0]), Int(values[2 * $0 + 1])] }
  }

  func contents(count: Int) throws -> [ContentIdentity?] {
    guard let dataset = try optionalDataset(StoreSchema.imageContent, count: count) else { return [] }
    let texts = try dataset.readStrings()
    guard texts.count == count else {
      throw bad("\(StoreSchema.imageContent) has shape \(dataset.shape), expected [\(count)]")
    }
    let contents = texts.map { ContentIdentity($0) }
    // A kill may have cut the digits of a row that is not marked as complete.
    if let row = texts.indices.first(where: { row in
      contents[row] == nil
        && (texts[row].utf8.count >= ContentIdentity.digitCount || !texts[row].allSatisfy(\.isHexDigit))
    }) {
      throw bad(
        "\(StoreSchema.imageContent) holds '\(texts[row].prefix(80))' in row \(row), expected the 64 hexadecimal digits of the "
          + "image file's SHA-256, or nothing; correct it or remove the dataset")
    }
    return contents.contains { $0 != nil } ? contents : []
  }

  func conditions() throws -> [String] {
    guard try file.entry(at: "/features") == .group else { throw bad("the group /features is missing") }
    let children = try file.children(of: "/features")
    if let stray = children.first(where: { $0.kind != .group }) {
      throw bad(
        "/features/\(stray.name) is not a group; expected /features/<condition>/<tap>, as in /features/original/embed")
    }
    let names = children.map(\.name)
    guard !names.isEmpty else { throw bad("/features holds no condition; expected /features/original") }
    return names.filter { $0 == ConditionName.original.text } + names.filter { $0 != ConditionName.original.text }
  }

  func taps(condition: String, count: Int) throws -> [StoredTap] {
    let group = "/features/\(condition)"
    let present = try file.children(of: group).filter { $0.kind == .dataset }.map(\.name)
    guard !present.isEmpty else { throw bad("\(group) holds no taps") }
    var names: [String]
    if let recorded = try file.attribute("taps", of: group)?.strings {
      if let missing = recorded.first(where: { !present.contains($0) }) {
        throw bad("the dataset \(group)/\(missing) is missing")
      }
      let added = present.filter { !recorded.contains($0) }
      names = recorded + added
    } else {
      names = try file.remembersOrder(of: group) ? present : TapOrder.sorted(present)
    }
    return try names.map { try tap($0, at: group + "/" + $0, count: count) }
  }

  private func tap(_ name: String, at path: String, count: Int) throws -> StoredTap {
    let dataset = try dataset(path)
    guard case .scalar(let scalar, _) = dataset.elementType, scalar.isFloat else {
      throw bad("\(path) holds \(dataset.elementType), expected float16, float32 or float64")
    }
    let shape = dataset.shape
    guard shape.count == 2 || shape.count == 3 else {
      throw bad("\(path) has shape \(shape), expected [images, tokens, channels]")
    }
    guard shape[0] == count else {
      throw bad("\(path) has \(shape[0]) rows, but \(StoreSchema.imagePath) has \(count)")
    }
    let (tokens, channels) = shape.count == 2 ? (1, shape[1]) : (shape[1], shape[2])
    guard tokens > 0, channels > 0, !tokens.multipliedReportingOverflow(by: channels * 8).overflow else {
      throw bad("\(path) has shape \(shape): a row holds nothing, or too much")
    }
    let grid = try file.attribute("grid", of: path)?.integers ?? []
    guard
      grid.isEmpty || (grid.count == 2 && grid.allSatisfy { (1...tokens).contains($0) } && grid[0] * grid[1] <= tokens)
    else { throw bad("\(path): its attribute grid is \(grid), which does not fit \(tokens) tokens") }
    let recorded = try file.attribute("prefix_tokens", of: path)?.integer
    let prefix = recorded ?? (grid.isEmpty ? 0 : tokens - grid[0] * grid[1])
    guard (0...tokens).contains(prefix), grid.isEmpty || grid[0] * grid[1] + prefix == tokens else {
      throw bad("\(path): the grid \(grid) and \(prefix) prefix tokens do not make \(tokens) tokens")
    }
    return StoredTap(
      name: name, tokens: tokens, channels: channels, grid: grid, prefixTokens: prefix, scalar: scalar)
  }
}

/// The order of depth of taps whose store does not record it.
enum TapOrder {
  /// By depth where every name is one of Palimpsest's, else so that numbers in names count.
  static func sorted(_ names: [String]) -> [String] {
    let natural = names.sorted(by: HDF5File.naturalOrder)
    let ranks = natural.map(rank)
    guard ranks.allSatisfy({ $0 != nil }) else { return natural }
    return zip(natural, ranks).sorted { left, right in
      (left.1 ?? []).lexicographicallyPrecedes(right.1 ?? [])
    }.map(\.0)
  }

  private static func rank(_ name: String) -> [Int]? {
    let parts = name.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
    switch (parts[0], parts.count) {
    case ("embed", 1): return [0]
    case ("backbone", 2):
      guard parts[1].hasPrefix("layer"), let layer = Int(parts[1].dropFirst(5)) else { return nil }
      return [0, layer]
    case ("projection", 1): return [1]
    case ("block", 2): return Int(parts[1]).map { [2, $0] }
    case ("encoder", 2): return Int(parts[1]).map { [2, $0] }
    // The last block's output is the stage's: the stage comes after its blocks.
    case ("stage", 2): return Int(parts[1]).map { [2, $0, 1] }
    case ("stage", 4):
      guard parts[2] == "block", let stage = Int(parts[1]), let block = Int(parts[3]) else { return nil }
      return [2, stage, 0, block]
    case ("decoder", 2): return Int(parts[1]).map { [3, $0] }
    case ("norm", 1): return [4]
    case ("logits", 1): return [5]
    case ("boxes", 1): return [6]
    default: return nil
    }
  }
}
