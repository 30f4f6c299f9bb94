import Activations
import Formats
import Results

/// The images of a store, as far as they can be told from others of the same names.
public struct ImageIdentity {
  /// What the model saw of the images.
  struct Pixels {
    /// How they were made of files; the same images can only be told apart where that is the same.
    let recipe: String
    /// Height and width.
    let size: ImageSize
    let read: (_ row: Int) throws -> [UInt8]
  }

  /// The store's name in messages.
  let name: String
  let paths: [String]
  /// What each file is known by, nil where that is not known; empty where it is of none.
  let contents: [ContentIdentity?]
  let pixels: Pixels?

  /// Of a store.
  ///
  /// - Returns: nil where its rows are no images but means of classes, which are known by their names.
  /// - Throws: `StoreError` where its inputs cannot be used.
  public init?(_ store: FeatureStore, name: String) throws {
    guard store.attribute("prototypes_of") == nil else { return nil }
    self.name = name
    paths = store.imagePaths
    contents = store.imageContents
    let condition = store.conditions.first ?? ConditionName.original.text
    pixels = try store.attribute("preprocessing").flatMap { recipe in
      try store.inputSize(condition: condition).map { size in
        Pixels(recipe: condition + " " + recipe, size: size) { try store.readInput(condition: condition, row: $0) }
      }
    }
  }

  /// An image by its name and, where several of a store have one, by which of them it is.
  struct Key: Hashable {
    let path: String
    let occurrence: Int
  }

  /// One for each row.
  static func keys(_ paths: [String]) -> [Key] {
    var seen: [String: Int] = [:]
    return paths.map { path in
      let occurrence = seen[path, default: 0]
      seen[path] = occurrence + 1
      return Key(path: path, occurrence: occurrence)
    }
  }

  /// The most images whose pixels are compared of two stores.
  static let mostPixels = 256

  /// Checks that images of the same names in several stores are the same.
  ///
  /// By what their files hold where stores record it, else by the pixels that the models saw where these were made alike, else
  /// by their names alone.
  ///
  /// - Returns: a sentence where something is known by its name alone, or by a sample of its pixels.
  /// - Throws: ``AnalysisError`` that names the first image that is another.
  static func requireSame(_ stores: [ImageIdentity]) throws -> [String] {
    guard stores.count > 1 else { return [] }
    let keys = stores.map { ImageIdentity.keys($0.paths) }
    var known: [Key: (store: Int, content: ContentIdentity)] = [:]
    for (number, store) in stores.enumerated() {
      for (row, key) in keys[number].enumerated() where store.contents.indices.contains(row) {
        guard let content = store.contents[row] else { continue }
        guard let earlier = known[key] else {
          known[key] = (number, content)
          continue
        }
        if earlier.content != content { throw refusal(store.name, stores[earlier.store].name, first: key.path) }
      }
    }
    var (byName, sampled): ([String], [String]) = ([], [])
    for number in stores.indices where stores[number].contents.isEmpty {
      let own = Set(keys[number])
      let others = stores.indices.filter { other in
        other != number && !own.isDisjoint(with: keys[other])
      }
      guard !others.isEmpty else { continue }
      let alike = others.filter { stores[number].canCompare(with: stores[$0]) }
      for other in alike where other < number || !stores[other].contents.isEmpty {
        let isWhole = try requireSamePixels(stores[number], keys[number], stores[other], keys[other])
        if !isWhole { sampled.append(stores[number].name) }
        // That store was compared with the others of the same images itself.
        if keys[other] == keys[number] { break }
      }
      guard alike.count < others.count else { continue }
      byName.append(stores[number].name)
      if let twice = keys[number].first(where: { $0.occurrence > 0 }) {
        throw AnalysisError(
          .badInput,
          "\(stores[number].name): several images have the name '\(twice.path)' and the store does not record what they hold, so "
            + "that they cannot be paired with those of \(stores[others[0]].name); give them names of their own, or write "
            + "/images/sha256")
      }
    }
    var notes: [String] = []
    if !byName.isEmpty {
      notes.append(
        "\(byName.joined(separator: ", ")) \(byName.count == 1 ? "does" : "do") not record what the images hold: that they are "
          + "those of the other stores is known by their names alone")
    }
    if !sampled.isEmpty {
      notes.append(
        "\(sampled.unique.joined(separator: ", ")): the images were compared with those of the other stores by the pixels of "
          + "\(mostPixels) of them")
    }
    return notes
  }

  private static func refusal(_ name: String, _ other: String, first: String) -> AnalysisError {
    AnalysisError(
      .badInput,
      "the images of \(name) are not those of \(other), though they have the same names (first: \(first)); make both stores of "
        + "the same images")
  }

  private func canCompare(with other: ImageIdentity) -> Bool {
    guard let pixels, let others = other.pixels else { return false }
    return pixels.recipe == others.recipe && pixels.size == others.size
  }

  /// - Returns: whether all images that both have were compared, not a sample.
  private static func requireSamePixels(
    _ a: ImageIdentity, _ keysOfA: [Key], _ b: ImageIdentity, _ keysOfB: [Key]
  ) throws -> Bool {
    guard let pixelsOfA = a.pixels, let pixelsOfB = b.pixels else { return true }
    let rows = Dictionary(keysOfB.enumerated().map { ($0.element, $0.offset) }, uniquingKeysWith: { first, _ in first })
    let common = keysOfA.enumerated().compactMap { row, key in rows[key].map { (row, $0) } }
    let isWhole = common.count <= mostPixels
    let chosen = isWhole ? common : (0..<mostPixels).map { common[$0 * (common.count - 1) / (mostPixels - 1)] }
    for (rowOfA, rowOfB) in chosen {
      let (left, right) = (try pixelsOfA.read(rowOfA), try pixelsOfB.read(rowOfB))
      // Rows that are not complete, and of images that could not be read, are zeros.
      guard left.contains(where: { $0 != 0 }), right.contains(where: { $0 != 0 }) else { continue }
      if left != right { throw refusal(a.name, b.name, first: a.paths[rowOfA]) }
    }
    return isWhole
  }
}

extension [PixelStore] {
  /// Checks that images of the same names are the same, see ``ImageIdentity/requireSame(_:)``.
  ///
  /// - Returns: notes.
  /// - Throws: ``AnalysisError`` that names the first image that is another.
  func requireSameImages() throws -> [String] {
    try ImageIdentity.requireSame(compactMap { try ImageIdentity($0.store, name: $0.name) })
  }
}
