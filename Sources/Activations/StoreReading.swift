import Formats
import HDF5
import Results
import Synchronization

/// Reads and checks what a store says of itself, when it is opened.
final class StoreReading: Sendable {
  let file: HDF5File
  /// Other stores that were looked at and are finished.
  private let finished = Mutex<Set<String>>([])
  /// What a reader should know of the store.
  private let noted = Mutex<[String]>([])

  var notes: [String] { noted.withLock { $0 } }

  init(file: HDF5File) { self.file = file }

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
    try file.attributes(of: "/").compactMap { name, value in
      switch value {
      case .strings(let values, _) where values.count == 1: StoreSetting(name, values[0])
      case .integers(let values, _) where values.count == 1: StoreSetting(name, "\(values[0])")
      case .reals(let values, _) where values.count == 1: StoreSetting(name, "\(values[0])")
      default: nil
      }
    }
  }

  private func dataset(_ path: String) throws -> HDF5Dataset {
    guard try file.entry(at: path) == .dataset else { throw bad("the dataset \(path) is missing") }
    let dataset = try file.dataset(path)
    try requireFinishedSources(of: dataset)
    return dataset
  }

  /// Refuses data that come from other stores which are not finished: their rows are zeros so far.
  ///
  /// - Throws: `StoreError` that names the other store.
  func requireFinishedSources(of dataset: HDF5Dataset) throws {
    var others = Set(dataset.sources.map(\.file))
    if !dataset.isInOpenedFile { others.insert(dataset.containingFile) }
    for other in others.sorted() where other != file.path {
      guard finished.withLock({ !$0.contains(other) }) else { continue }
      let store = try HDF5File.open(other)
      guard try store.attribute("format", of: "/")?.string == StoreSchema.format else { continue }
      if try !isFinished(store) {
        throw bad(
          "\(dataset.path) takes its data from \(other), a store that is not finished; run the command that makes it again"
        )
      }
      finished.withLock { _ = $0.insert(other) }
    }
  }

  private func isFinished(_ store: HDF5File) throws -> Bool {
    if try store.entry(at: StoreSchema.finished) == .dataset {
      return try store.dataset(StoreSchema.finished).read(UInt8.self).first == 1
    }
    guard try store.entry(at: "/progress") == .group else { return true }
    return try store.children(of: "/progress").allSatisfy { condition in
      try condition.kind != .dataset
        || store.dataset("/progress/" + condition.name).read(UInt8.self).allSatisfy { $0 == 1 }
    }
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
    let dataset = try dataset(StoreSchema.imagePath)
    let paths = try dataset.readStrings()
    guard !paths.isEmpty else { throw bad("it holds no images") }
    if let rows = try dataset.unwrittenRows().first {
      throw bad("\(StoreSchema.imagePath): \(RowText.rows(rows)) were never written; write the path of every image")
    }
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

  func sizes(count: Int) throws -> [ImageSize] {
    guard let dataset = try optionalDataset(StoreSchema.imageSize, count: count) else { return [] }
    guard dataset.shape == [count, 2] else {
      throw bad("\(StoreSchema.imageSize) has shape \(dataset.shape), expected [\(count), 2]")
    }
    let values = try dataset.read(Int32.self)
    return (0..<count).map { ImageSize(height: Int(values[2 * $0]), width: Int(values[2 * $0 + 1])) }
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

  /// Those of the features; of a store of reconstructions alone, theirs.
  func conditions() throws -> [String] {
    let hasFeatures = try file.entry(at: "/features") == .group
    let group = hasFeatures ? "/features" : "/reconstructions"
    guard try file.entry(at: group) == .group else {
      throw bad("it has neither the group /features nor /reconstructions")
    }
    let children = try present(in: group)
    if let stray = children.first(where: { $0.kind != .group }) {
      throw bad(
        "\(group)/\(stray.name) is not a group; expected \(group)/<condition>/<tap>, as in \(group)/original/embed")
    }
    let names = children.map(\.name)
    guard !names.isEmpty else { throw bad("\(group) holds no condition; expected \(group)/original") }
    return names.filter { $0 == ConditionName.original.text } + names.filter { $0 != ConditionName.original.text }
  }

  /// Members of a group that are there; links that lead nowhere are noted.
  private func present(in group: String) throws -> [HDF5File.Child] {
    try file.children(of: group).filter { child in
      if let reason = child.missingTarget {
        noted.withLock { $0.append("\(file.path): \(group)/\(child.name) is left out: \(reason)") }
      }
      return child.missingTarget == nil
    }
  }

  func taps(condition: String, count: Int) throws -> [StoredTap] {
    let group = "/features/\(condition)"
    // Reconstructions alone: analyses of features say that there are none.
    guard try file.entry(at: "/features") == .group else { return [] }
    let present = try present(in: group).filter { $0.kind == .dataset }.map(\.name)
    guard !present.isEmpty else { throw bad("\(group) holds no taps") }
    var names: [String]
    if let recorded = try file.attribute("taps", of: group)?.strings {
      if let missing = recorded.first(where: { !present.contains($0) }) {
        // A link that leads nowhere says so itself.
        _ = try file.entry(at: group + "/" + missing)
        throw bad("the dataset \(group)/\(missing) is missing")
      }
      let added = present.filter { !recorded.contains($0) }
      names = recorded + added
    } else {
      names = try file.remembersOrder(of: group) ? present : TapOrder.sorted(present)
    }
    let tree = try tree(of: group)
    return try names.map { try tap($0, at: group + "/" + $0, count: count, tree: tree) }
  }

  /// What the group records of each tap's parent and role; empty where it does not.
  private func tree(of group: String) throws -> [String: (parent: String?, role: TapRole?)] {
    guard let names = try file.attribute("taps", of: group)?.strings,
      let parents = try file.attribute(StoreSchema.parents, of: group)?.strings,
      let roles = try file.attribute(StoreSchema.roles, of: group)?.strings
    else { return [:] }
    guard parents.count == names.count, roles.count == names.count else {
      throw bad(
        "\(group) has \(names.count) taps, \(parents.count) parents and \(roles.count) roles; correct its attributes")
    }
    return Dictionary(
      zip(names, zip(parents, roles)).map { name, entry in
        (name, (entry.0.isEmpty ? nil : entry.0, TapRole(rawValue: entry.1)))
      }, uniquingKeysWith: { first, _ in first })
  }

  private func tap(
    _ name: String, at path: String, count: Int, tree: [String: (parent: String?, role: TapRole?)]
  ) throws -> StoredTap {
    let dataset = try dataset(path)
    guard case .scalar(let scalar, _) = dataset.elementType, scalar.isFloat else {
      throw bad(
        "\(path) holds \(dataset.elementType), expected float16, float32 or float64; write it as one of them, as with numpy's "
          + "astype(\"float32\")")
    }
    let shape = dataset.shape
    guard shape.count == 2 || shape.count == 3 else {
      throw bad(
        "\(path) has shape \(shape), expected [images, tokens, channels]; of maps [images, channels, height, width] write "
          + "x.reshape(images, channels, height * width).swapaxes(1, 2), with the attribute grid [height, width]")
    }
    guard shape[0] == count else {
      let end = dataset.endsBefore.map { "; its next source, \($0.path) in \($0.file), is not there" } ?? ""
      throw bad("\(path) has \(shape[0]) rows, but \(StoreSchema.imagePath) has \(count)\(end)")
    }
    let (tokens, channels) = shape.count == 2 ? (1, shape[1]) : (shape[1], shape[2])
    _ = try dataset.rowBytes()
    let grid = try file.attribute("grid", of: path)?.integers ?? []
    let cells = grid.isEmpty ? 0 : DeclaredSize.product(grid) ?? Int.max
    guard grid.isEmpty || (grid.count == 2 && grid.allSatisfy { (1...tokens).contains($0) } && cells <= tokens) else {
      throw bad("\(path): its attribute grid is \(grid), which does not fit \(tokens) tokens")
    }
    let recorded = try file.attribute("prefix_tokens", of: path)?.integer
    let prefix = recorded ?? (grid.isEmpty ? 0 : tokens - cells)
    guard (0...tokens).contains(prefix), grid.isEmpty || cells + prefix == tokens else {
      throw bad("\(path): the grid \(grid) and \(prefix) prefix tokens do not make \(tokens) tokens")
    }
    return StoredTap(
      name: name, tokens: tokens, channels: channels,
      grid: grid.isEmpty ? nil : ImageSize(height: grid[0], width: grid[1]), prefixTokens: prefix, scalar: scalar,
      parent: tree[name]?.parent, role: tree[name]?.role, axes: try axes(of: path, columns: tokens * channels),
      definition: try file.attribute(StoreSchema.definition, of: path)?.string)
  }

  /// How a row unfolds, where the attributes of that name say it of this row.
  private func axes(of path: String, columns: Int) throws -> [TapAxis] {
    guard let names = try file.attribute(StoreSchema.axes, of: path)?.strings,
      let lengths = try file.attribute(StoreSchema.axisLengths, of: path)?.integers, names.count == lengths.count,
      lengths.allSatisfy({ $0 > 0 }), DeclaredSize.product(lengths) == columns
    else { return [] }
    return zip(names, lengths).map { TapAxis($0, $1) }
  }
}

/// The order of depth of taps whose store does not record it.
enum TapOrder {
  /// By depth where every name is one of Palimpsest's, else so that numbers in names count.
  static func sorted(_ names: [String]) -> [String] {
    let natural = names.sorted(by: HDF5File.naturalOrder)
    let inside = natural.map(BlockPart.split)
    let ranks = zip(natural, inside).map { rank($1?.block ?? $0) }
    guard ranks.allSatisfy({ $0 != nil }) else { return natural }
    return natural.indices.sorted { left, right in
      let (one, other) = (ranks[left] ?? [], ranks[right] ?? [])
      // What is inside a block comes before its output.
      return one == other
        ? inside[left]?.part.place ?? 1 < inside[right]?.part.place ?? 1 : one.lexicographicallyPrecedes(other)
    }.map { natural[$0] }
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
