import Formats

/// An image that an analysis does not use, and why.
public struct LeftOutImage: Sendable, Equatable {
  public let store: String
  public let path: String
  public let reason: String

  public init(store: String, path: String, reason: String) {
    self.store = store
    self.path = path
    self.reason = reason
  }
}

/// The images that several stores of the same images have in common: all that can be used in every one.
struct ImageSelection {
  /// Rows, the same in every store.
  let rows: [Int]
  let paths: [String]
  let leftOut: [LeftOutImage]
  /// What is to be said of how the images of the stores were compared.
  let notes: [String]
  private let stores: [String]

  /// - Parameters:
  ///   - subset: which of the images that can be used.
  ///   - needsObjects: whether images without an object are left out.
  /// - Throws: ``AnalysisError`` where two stores hold different images, or objects are needed and not known.
  init(_ sources: [NamedSource], taking subset: Subset, needsObjects: Bool = false) throws {
    guard let first = sources.first else { throw AnalysisError(.badInput, "no store is named; expected one or more") }
    if needsObjects, let unknown = sources.first(where: { $0.objects == nil }) {
      throw AnalysisError(
        .badInput, "\(unknown.name): where the objects of its images are is not known; give --annotations")
    }
    let paths = first.source.imagePaths
    for other in sources.dropFirst() {
      try ImageSelection.requireSame(paths, of: first.name, other.source.imagePaths, of: other.name)
    }
    let identity = try ImageIdentity.requireSame(sources.compactMap { try $0.source.identity(name: $0.name) })
    var rows: [Int] = []
    var leftOut: [LeftOutImage] = []
    for row in paths.indices {
      var usable = true
      for source in sources {
        let hasNone = needsObjects && source.objects?.hasObject(image: row) == false
        guard let reason = source.source.imageProblems[row] ?? (hasNone ? "it has no object" : nil) else { continue }
        leftOut.append(LeftOutImage(store: source.name, path: paths[row], reason: reason))
        usable = false
      }
      if usable { rows.append(row) }
    }
    let usable = rows.map { paths[$0] }
    rows = subset.indices(of: paths, usable: rows)
    notes = identity + [subset.note(usable, taken: rows.count, kind: "images")].compactMap { $0 }
    self.rows = rows
    self.paths = rows.map { paths[$0] }
    self.leftOut = leftOut
    stores = sources.map(\.name)
  }

  /// Rows of one source that are known to be the ones wanted.
  init(rows: [Int], of source: any FeatureSource) {
    self.init(rows: rows, paths: rows.map { source.imagePaths[$0] }, leftOut: [], notes: [], stores: [])
  }

  /// The same without some of ``rows``, given by their indices.
  func without(_ images: Set<Int>) -> ImageSelection {
    let kept = rows.indices.filter { !images.contains($0) }
    return ImageSelection(
      rows: kept.map { rows[$0] }, paths: kept.map { paths[$0] }, leftOut: leftOut, notes: notes, stores: stores)
  }

  private init(rows: [Int], paths: [String], leftOut: [LeftOutImage], notes: [String], stores: [String]) {
    self.rows = rows
    self.paths = paths
    self.leftOut = leftOut
    self.notes = notes
    self.stores = stores
  }

  /// - Throws: ``AnalysisError`` where fewer images are left than an analysis needs.
  func require(_ least: Int, for analysis: String) throws {
    guard rows.count < least else { return }
    let count = Set(leftOut.map(\.path)).count
    let reason = count == 0 ? "" : " (\(count) more are incomplete or could not be read)"
    throw AnalysisError(
      .badInput,
      "\(stores.joined(separator: ", ")): \(analysis) needs at least \(least) images, there are \(rows.count)\(reason); extract"
        + " more images")
  }

  private static func requireSame(_ paths: [String], of name: String, _ others: [String], of other: String) throws {
    guard paths != others else { return }
    let place =
      zip(paths, others).enumerated().first { $0.element.0 != $0.element.1 }?.offset ?? min(paths.count, others.count)
    func image(_ list: [String]) -> String { place < list.count ? "'\(list[place])'" : "missing" }
    let order =
      paths.count == others.count && paths.sorted() == others.sorted() ? ", the same images in another order" : ""
    throw AnalysisError(
      .badInput,
      "\(name) and \(other) hold different images\(order): image \(place + 1) is \(image(paths)) in \(name) and"
        + " \(image(others)) in \(other); extract both stores from the same images")
  }
}
