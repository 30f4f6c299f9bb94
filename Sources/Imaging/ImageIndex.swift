import Formats
import Foundation

/// A list of pictures as a CSV file, so that nothing has to be listed, asked for its size or read before work begins: `palimpsest index`
/// writes it, and a list of one's own that has the column `path` is one too.
public enum ImageIndex {
  /// Columns of the file. Only `path` has to be there.
  public enum Column: String, CaseIterable, Sendable {
    /// From the folder, in the order of the set.
    case path
    /// Of the file.
    case bytes
    /// Of the picture, in pixels; empty where its header cannot be read.
    case height, width
    /// The name of its class; empty where unknown.
    case label
    /// Of the file's bytes, 64 hexadecimal digits.
    case sha256
    /// Where the paths begin, from the folder of the index: in the first row, empty in all others.
    case folder
  }

  /// Whether a path is that of an index: a file that ends in `.csv`.
  public static func isIndex(_ path: String) -> Bool {
    var isDirectory: ObjCBool = false
    return path.lowercased().hasSuffix(".csv")
      && FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory)
      && !isDirectory.boolValue
  }

  /// The pictures that an index lists, in its order.
  ///
  /// - Parameter subset: which of them.
  /// - Throws: `ImagingError` naming the file and the line, where it cannot be read, has no column `path`, names a picture twice or none.
  public static func listing(_ path: String, taking subset: Subset = .all) throws -> ImageFolder.Listing {
    if let most = subset.most, most < 1 {
      throw ImagingError(reason: "a \(subset.option) of \(most) images leaves nothing; give 1 or more")
    }
    var rows = Rows(of: path)
    let digest = try read(path) { try rows.add($0) }
    guard !rows.paths.isEmpty else { throw ImagingError(path: path, reason: Rows.nothing) }
    let (labels, numbers) = rows.numberedLabels()
    let entries = subset.indices(of: rows.paths).map { index in
      var known = rows.known[index]
      if let name = known.label { known.label = numbers[Int(name)] }
      return ImageEntry(
        relativePath: rows.paths[index], folder: rows.paths[index].hasPrefix("/") ? "" : rows.folder, known: known)
    }
    var listing = ImageFolder.Listing(
      entries: entries, folders: rows.folders, choice: subset.note(rows.paths, taken: entries.count, kind: "pictures"))
    listing.labels = labels
    listing.index = digest.hexadecimal
    return listing
  }

  /// How many pictures an index lists.
  ///
  /// - Throws: `ImagingError` as ``listing(_:taking:)``, of what counting shows.
  public static func count(_ path: String) throws -> Int {
    let records: Int
    do { records = try CommaSeparatedValues.countRecords(of: path) } catch {
      throw ImagingError(path: path, reason: SystemReason.text(of: error))
    }
    guard records > 1 else { throw ImagingError(path: path, reason: Rows.nothing) }
    return records - 1
  }

  private static func read(_ path: String, _ body: (CommaSeparatedValues.Record) throws -> Void) throws -> ContentDigest
  {
    do {
      return try CommaSeparatedValues.forEachRecord(of: path, body)
    } catch let error as CommaSeparatedError {
      throw ImagingError(path: path, reason: "\(error)")
    } catch let error as ImagingError {
      throw error
    } catch {
      throw ImagingError(path: path, reason: SystemReason.text(of: error))
    }
  }

  /// What was read of an index so far.
  private struct Rows {
    static let nothing = "lists no images; make it with palimpsest index DIR --out FILE.csv"

    private let file: String
    private var columns: [Column: Int]?
    var paths: [String] = []
    var known: [ImageEntry.Known] = []
    /// Where the paths begin.
    var folder: String
    /// Names of labels as they came; `known` counts in these.
    private var names: [String: Int32] = [:]
    private var seen: Set<String> = []
    private var firstFolders: Set<String> = []

    init(of file: String) {
      self.file = file
      folder = URL(fileURLWithPath: file).deletingLastPathComponent().path
    }

    private func wrong(_ record: CommaSeparatedValues.Record, _ reason: String) -> ImagingError {
      ImagingError(path: file, reason: "line \(record.line): \(reason)")
    }

    mutating func add(_ record: CommaSeparatedValues.Record) throws {
      guard let columns else {
        var found: [Column: Int] = [:]
        for column in Column.allCases { found[column] = record.fields.firstIndex(of: column.rawValue) }
        guard found[.path] != nil else {
          throw wrong(
            record, "there is no column path; an index of images has the columns path,bytes,height,width,label,sha256")
        }
        columns = found
        return
      }
      func field(_ column: Column) -> String? {
        columns[column].flatMap {
          record.fields.indices.contains($0) && !record.fields[$0].isEmpty ? record.fields[$0] : nil
        }
      }
      func number(_ column: Column) throws -> Int? {
        guard let text = field(column) else { return nil }
        guard let number = Int(text), number >= 0 else {
          throw wrong(record, "\(column.rawValue) is '\(text)', expected a whole number")
        }
        return number
      }
      guard let path = field(.path) else { throw wrong(record, "the path is empty") }
      guard seen.insert(path).inserted else { throw wrong(record, "\(path) is listed a second time") }
      if let relative = field(.folder), paths.isEmpty {
        folder =
          URL(fileURLWithPath: relative, relativeTo: URL(fileURLWithPath: folder, isDirectory: true))
          .standardizedFileURL.path
      }
      var one = ImageEntry.Known(bytes: try number(.bytes))
      if let height = try number(.height), let width = try number(.width) {
        one.size = ImageSize(height: height, width: width)
      }
      if let text = field(.sha256) {
        guard let content = ContentIdentity(text) else {
          throw wrong(record, "sha256 is '\(text)', expected \(ContentIdentity.digitCount) hexadecimal digits")
        }
        one.content = content
      }
      if let name = field(.label) {
        let number = names[name] ?? Int32(names.count)
        names[name] = number
        one.label = number
      }
      if let first = LabelSource.folder(of: path) { firstFolders.insert(first) }
      paths.append(path)
      known.append(one)
    }

    var folders: [String] { firstFolders.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) } }

    /// The classes, and for each name as it came its class.
    func numberedLabels() -> (classes: [String], numbers: [Int32]) {
      let order = names.sorted { $0.value < $1.value }.map(\.key)
      let numbered = LabelNumbers(order)
      return (numbered.classes, order.map(numbered.number))
    }
  }
}
