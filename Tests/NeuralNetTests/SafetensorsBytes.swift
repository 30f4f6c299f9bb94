import Foundation

/// The bytes of a safetensors file with this header and data; `length` overrides what is said of the header's.
func safetensors(_ header: String, data: [UInt8] = [], length: UInt64? = nil) -> Data {
  let text = Data(header.utf8)
  var bytes = withUnsafeBytes(of: (length ?? UInt64(text.count)).littleEndian) { Data($0) }
  bytes.append(text)
  bytes.append(contentsOf: data)
  return bytes
}
