import Formats
import Foundation
import Imaging

/// The class of every image of an extraction, and how it was found.
struct ImageLabels {
  /// -1 where unknown.
  var labels: [Int32]
  var classes: [String] = []
  /// What a user should know, in sentences.
  var notes: [String] = []
  /// What each image's file holds, as far as the file of labels says; empty where it says of none.
  private(set) var contents: [ContentIdentity?] = []

  /// None at all.
  init(none count: Int) { labels = Array(repeating: Labels.unknown, count: count) }

  /// Those that an index lists beside its images; none at all without them.
  init(index listing: ImageFolder.Listing) {
    labels = listing.entries.map { $0.known?.label ?? Labels.unknown }
    classes = listing.labels
    let unknown = zip(labels, listing.entries).filter { $0.0 == Labels.unknown }.map(\.1.relativePath)
    if !classes.isEmpty, let first = unknown.first {
      notes.append("the index has no label of \(StoreText.images(unknown.count)), the first: \(first)")
    }
  }

  /// From a CSV file.
  ///
  /// - Throws: ``BadInput`` where its rows are of none of the images; `ImagingError`.
  init(_ file: String, _ entries: [ImageFolder.Entry]) throws {
    let known = try Labels(contentsOf: URL(fileURLWithPath: file))
    let paths = entries.map(\.relativePath)
    let matches = known.matches(paths)
    labels = zip(matches.keys, paths).map { key, path in key == nil ? Labels.unknown : known.label(of: path) }
    classes = known.classes
    contents = zip(matches.keys, paths).map { key, path in key == nil ? nil : known.content(of: path) }
    guard matches.keys.contains(where: { $0 != nil }) else {
      throw BadInput(
        "--labels \(file): none of its \(StoreText.counted(known.count, "row")) is of an image in the folder, such as "
          + "'\(paths.first ?? "")'; write the images' paths from the folder of --images into the column path")
    }
    notes = ImageLabels.sentences(matches, of: paths.count, file: file, what: "label")
    let unknown = zip(matches.keys, zip(labels, paths)).filter { $0 != nil && $1.0 == Labels.unknown }.map(\.1.1)
    if let first = unknown.first {
      notes.append(
        "\(file): the label of \(StoreText.images(unknown.count)) is empty or -1 there, which is unknown, the first: \(first)"
      )
    }
  }

  /// From the folders that the images lie in.
  ///
  /// - Throws: ``BadInput`` where no image lies in a folder of the folder.
  init(_ listing: ImageFolder.Listing, of folder: String) throws {
    self.init(none: listing.entries.count)
    guard !listing.folders.isEmpty else {
      throw BadInput(
        "--labels folder: the pictures of \(folder) lie in no folders, which would be their classes; give the folder above them "
          + "as --images, or a CSV of path,label as --labels")
    }
    classes = listing.folders
    let numbers = Dictionary(uniqueKeysWithValues: classes.enumerated().map { ($0.element, Int32($0.offset)) })
    labels = listing.entries.map { entry in
      LabelSource.folder(of: entry.relativePath).flatMap { numbers[$0] } ?? Labels.unknown
    }
    let outside = zip(listing.entries, labels).filter { $0.1 == Labels.unknown }.map(\.0.relativePath)
    if let first = outside.first {
      notes.append(
        "--labels folder: \(StoreText.images(outside.count)) of \(folder) lie in no folder and have no label, the first: \(first)"
      )
    }
  }

  /// Gives the classes the names that a file has for them.
  ///
  /// - Throws: ``BadInput`` where there are no classes, or the file names none of them; `ImagingError`.
  mutating func name(by file: String) throws {
    guard let first = classes.first else {
      throw BadInput("--classes \(file) names classes, but the images have none; give --labels too")
    }
    let known = try ClassNameFile(contentsOf: URL(fileURLWithPath: file))
    let unnamed = classes.filter { known[$0] == nil }
    guard unnamed.count < classes.count else {
      throw BadInput(
        "--classes \(file): it has a name for none of the \(StoreText.counted(classes.count, "class", "classes")), such as '\(first)'; "
          + "write a line a class: its label, then its name")
    }
    if let first = unnamed.first {
      notes.append(
        "\(file): \(unnamed.count) of \(StoreText.counted(classes.count, "class", "classes")) have no name there and keep their label, the "
          + "first: \(first)")
    }
    classes = classes.map { known[$0] ?? $0 }
  }

  /// From annotations whose images each have objects of one class alone; none where one image has several.
  init(_ annotations: COCOAnnotations, file: String, _ entries: [ImageFolder.Entry]) {
    self.init(none: entries.count)
    let matches = annotations.matches(entries.map(\.relativePath))
    var names: [String] = []
    for category in annotations.categories.sorted(by: { $0.id < $1.id }) where !names.contains(category.name) {
      names.append(category.name)
    }
    var found = labels
    for (index, entry) in entries.enumerated() where matches.keys[index] != nil {
      let here = Set(annotations.annotations(at: entry.relativePath).map(annotations.className(of:)))
      guard here.count <= 1 else {
        notes.append(
          "\(file): images have objects of several categories, such as \(entry.relativePath) with "
            + "\(here.sorted().prefix(3).joined(separator: ", ")), so it gives no labels; give them with --labels FILE")
        return
      }
      if let name = here.first, let label = names.firstIndex(of: name) { found[index] = Int32(label) }
    }
    let count = found.count { $0 >= 0 }
    guard count > 0 else { return }
    (labels, classes) = (found, names)
    notes.append(
      "\(file): the labels of \(count) of \(StoreText.images(entries.count)) are the one category of their objects")
  }

  /// Sentences on images and entries that do not belong together.
  static func sentences(_ matches: PathMatches, of count: Int, file: String, what: String) -> [String] {
    var sentences: [String] = []
    if let first = matches.missing.first {
      sentences.append(
        "\(file): \(matches.missing.count) of \(StoreText.images(count)) have no \(what) there, the first: \(first)")
    }
    if let first = matches.shared.first {
      sentences.append(
        "\(file): \(StoreText.images(matches.shared.count)) share an entry by their file names alone and so get no \(what), the "
          + "first: \(first); write paths from the folder of the images")
    }
    if matches.unused > 0 {
      sentences.append(
        "\(file): \(StoreText.counted(matches.unused, "entry", "entries")) there are of no image of the folder")
    }
    return sentences
  }
}
