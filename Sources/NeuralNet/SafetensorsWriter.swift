import Formats
import Foundation
import Torch

/// Writes safetensors files: same tensors, same bytes.
public enum SafetensorsWriter {
  /// Writes float32 and integer tensors under a temporary name, then renames. A link is followed: its target is written.
  ///
  /// - Parameters:
  ///   - tensors: by name; they are laid out in the order of their names' UTF-8 bytes.
  ///   - metadata: goes into the header.
  /// - Throws: ``CheckpointError`` where the file cannot be written.
  public static func write(
    _ tensors: [(name: String, tensor: Tensor)], metadata: [String: String] = [:], to url: URL
  ) throws {
    let ordered = tensors.sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
    var header: [String] = []
    if !metadata.isEmpty {
      let pairs = try metadata.keys.sorted().map { "\(try json($0)):\(try json(metadata[$0] ?? ""))" }
      header.append("\"__metadata__\":{\(pairs.joined(separator: ","))}")
    }
    var offset = 0
    for (name, tensor) in ordered {
      guard let type = typeNames[tensor.dtype] else {
        throw CheckpointError("\(url.path): tensor '\(name)' has type \(tensor.dtype), which is not written")
      }
      let end = offset + tensor.count * tensor.dtype.byteCount
      let shape = tensor.shape.map(String.init).joined(separator: ",")
      header.append(
        "\(try json(name)):{\"dtype\":\"\(type)\",\"shape\":[\(shape)],\"data_offsets\":[\(offset),\(end)]}")
      offset = end
    }
    var text = Data("{\(header.joined(separator: ","))}".utf8)
    text.append(contentsOf: repeatElement(UInt8(ascii: " "), count: (8 - text.count % 8) % 8))

    let target = URL(fileURLWithPath: AtomicFile.target(of: url.path))
    let temporary = target.deletingLastPathComponent().appendingPathComponent(".\(target.lastPathComponent).partial")
    do {
      try Data().write(to: temporary)
      let handle = try FileHandle(forWritingTo: temporary)
      defer { try? handle.close() }
      try handle.write(contentsOf: withUnsafeBytes(of: UInt64(text.count).littleEndian) { Data($0) })
      try handle.write(contentsOf: text)
      for (_, tensor) in ordered {
        try tensor.to(.cpu).contiguous().withUnsafeBytes { try handle.write(contentsOf: Data($0)) }
      }
      try handle.synchronize()
      guard rename(temporary.path, target.path) == 0 else { throw FileWritingError(path: url.path, code: errno) }
    } catch {
      try? FileManager.default.removeItem(at: temporary)
      let code = (error as? FileWritingError)?.code ?? SystemReason.code(of: error)
      throw CheckpointError(
        "\(url.path): cannot be written (\(SystemReason.text(code))); \(SystemReason.repair(code))", isWriting: true)
    }
  }

  private static let typeNames: [DType: String] = [
    .float64: "F64", .float32: "F32", .float16: "F16", .bfloat16: "BF16", .int64: "I64", .int32: "I32", .int16: "I16",
    .int8: "I8", .uint8: "U8", .bool: "BOOL",
  ]

  /// `text` as a JSON string.
  private static func json(_ text: String) throws -> String {
    String(decoding: try JSONEncoder().encode(text), as: UTF8.self)
  }
}
