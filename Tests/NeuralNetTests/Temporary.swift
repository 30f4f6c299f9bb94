import Foundation

/// A folder that is removed with the value.
final class TemporaryFolder {
  let url = FileManager.default.temporaryDirectory.appendingPathComponent("palimpsest-\(UUID())")

  init() throws { try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true) }

  deinit { try? FileManager.default.removeItem(at: url) }

  /// Writes a file and gives its address.
  func write(_ data: Data, to name: String) throws -> URL {
    let file = url.appendingPathComponent(name)
    try data.write(to: file)
    return file
  }
}

/// The bytes of a safetensors file with this header and data; `length` overrides what is said of the header's.
func safetensors(_ header: String, data: [UInt8] = [], length: UInt64? = nil) -> Data {
  let text = Data(header.utf8)
  var bytes = withUnsafeBytes(of: (length ?? UInt64(text.count)).littleEndian) { Data($0) }
  bytes.append(text)
  bytes.append(contentsOf: data)
  return bytes
}
