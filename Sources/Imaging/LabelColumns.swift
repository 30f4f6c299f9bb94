import Foundation

/// Which columns of a CSV file of labels hold the pictures and their classes.
public struct LabelColumns: Sendable, Equatable {
  /// The columns' positions.
  public let path: Int
  public let label: Int
  /// Of the column `sha256`, which says what each picture's file holds; nil where there is none.
  public let content: Int?
  /// Whether the first row names the columns; else the first two are meant.
  public let areNamed: Bool

  /// Names that a column of pictures has, the best first.
  public static let pathNames = [
    "path", "file", "filename", "file_name", "filepath", "file_path", "image", "image_path", "image_file", "img",
    "img_path",
    "image_name",
  ]
  /// Names that a column of classes has, the best first.
  public static let labelNames = [
    "label", "class", "class_name", "category", "target", "class_id", "label_id", "category_id",
  ]

  static let nothing = "no labels in it; expected the columns path,label"

  /// Reads the first row.
  ///
  /// - Throws: `ImagingError` without a path, where it is neither a header with one column of each kind nor a picture's row.
  init(of first: [String]) throws {
    let names = first.map { $0.trimmingCharacters(in: .whitespaces).lowercased() }
    let content = names.firstIndex(of: "sha256")
    if let path = names.firstIndex(of: "path"), let label = names.firstIndex(of: "label") {
      (self.path, self.label, self.content, areNamed) = (path, label, content, true)
      return
    }
    if let start = first.first, LabelColumns.isPicture(start) {
      (path, label, self.content, areNamed) = (0, 1, nil, false)
      return
    }
    let paths = names.indices.filter { LabelColumns.pathNames.contains(names[$0]) }
    let labels = names.indices.filter { LabelColumns.labelNames.contains(names[$0]) }
    guard paths.count == 1, labels.count == 1 else {
      let found = first.prefix(6).joined(separator: ",") + (first.count > 6 ? ",…" : "")
      throw ImagingError(
        reason:
          "line 1 is '\(found)', which names no one column of pictures and one of classes, and begins with no picture's "
          + "name; write the header path,label (with commas) and name those columns so")
    }
    (path, label, self.content, areNamed) = (paths[0], labels[0], content, true)
  }

  /// Whether a cell is the name of a picture by its ending.
  private static func isPicture(_ cell: String) -> Bool {
    let cell = cell.trimmingCharacters(in: .whitespaces)
    guard let dot = cell.lastIndex(of: "."), dot != cell.startIndex else { return false }
    let ending = cell[cell.index(after: dot)...].lowercased()
    return PictureFormat(ending: ending) != nil || PictureFormat.namesOfOthers[ending] != nil
  }
}
