import Formats
import Foundation
import Reports

/// The files of a bundle; nothing is unpacked.
public struct BundleInspection: Inspection {
  public struct Entry: Encodable, Sendable {
    public let name: String
    /// Unpacked.
    public let bytes: Int
  }

  public let path: String
  /// Of the zip.
  public let bytes: Int
  public let files: [Entry]

  /// - Throws: `BundleError`.
  public init(_ path: String) throws {
    self.path = path
    bytes = FileHash.size(of: path) ?? 0
    files = try BundleFile(path).files.map { Entry(name: $0.name, bytes: $0.size) }
  }

  public var title: String {
    let unpacked = NumberText.bytes(files.reduce(0) { $0 + $1.bytes })
    return "bundle, \(NumberText.bytes(bytes)), \(files.count) files of \(unpacked) unpacked"
  }

  public var facts: [InspectionFact] { [] }

  public var tables: [InspectionTable] {
    [InspectionTable(header: ["file", "size"], rows: files.map { [$0.name, NumberText.bytes($0.bytes)] })]
  }
}

/// The names of the files in a folder of results.
public struct ResultsInspection: Inspection {
  /// The folder, as a list of one: the form that scripts know.
  public let path: [String]
  public let files: [String]

  init(_ path: String) throws {
    self.path = [path]
    files = try FileManager.default.contentsOfDirectory(atPath: path).sorted()
  }

  public var title: String { "results of an analysis" }
  public var facts: [InspectionFact] { files.map { InspectionFact($0) } }
  public var tables: [InspectionTable] { [] }
}
