import Foundation
import Reports

extension Inspect {
  private struct BundleLines: Encodable {
    struct Entry: Encodable {
      let name: String
      let bytes: Int
    }

    let path: String
    let bytes: Int
    let files: [Entry]
  }

  /// Names and sizes; nothing is unpacked.
  func inspectBundle() throws {
    let files = try BundleFile(file).files
    let unpacked = files.reduce(0) { $0 + $1.size }
    let packed = FileHash.size(of: file) ?? 0
    output.say(
      "\(file): bundle, \(Numbers.bytes(packed)), \(files.count) files of \(Numbers.bytes(unpacked)) unpacked")
    output.say("")
    output.say(Table.text(header: ["file", "size"], rows: files.map { [$0.name, Numbers.bytes($0.size)] }))
    try output.summarize(
      BundleLines(path: file, bytes: packed, files: files.map { .init(name: $0.name, bytes: $0.size) }))
  }
}
