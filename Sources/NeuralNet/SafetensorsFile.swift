import Formats
import Foundation
import Torch

/// A checkpoint file that could not be read or written, in one line: which file, what is wrong, how to repair it.
public struct CheckpointError: ExitStatusError {
  public let description: String

  /// Whether a file could not be written, which is no fault of what is in it.
  public let isWriting: Bool

  public init(_ description: String, isWriting: Bool = false) {
    self.description = description
    self.isWriting = isWriting
  }

  public var exitStatus: Int32 { isWriting ? 1 : 2 }
}

/// A safetensors file: 8 bytes of little-endian header length, a JSON header, the data.
///
/// Tensors are read when they are asked for, and not mapped into memory: a file that is cut while it is mapped, or whose disk
/// fails, would end the process. Opening it checks the whole header: lengths against the file, offsets in range, without gaps or overlaps, and in
/// agreement with type and shape. Source: the format's description in the safetensors repository.
public final class SafetensorsFile {
  /// One tensor of the header.
  public struct Entry: Sendable {
    public let name: String
    /// The format's own name of the type: `F32`, `BF16`, …
    public let type: String
    public let shape: [Int]
    /// Where its bytes lie, from the beginning of the data.
    public let range: Range<Int>
  }

  public let url: URL
  /// In the order in which the data lie.
  public let entries: [Entry]
  /// The `__metadata__` of the header.
  public let metadata: [String: String]
  private let descriptor: Int32
  private let size: Int
  private let dataStart: Int
  private let positions: [String: Int]

  /// The longest header the format allows, in bytes.
  static let longestHeader = 100_000_000

  /// Opens the file and checks its header.
  ///
  /// - Throws: ``CheckpointError`` where it is not a whole safetensors file.
  public init(contentsOf url: URL) throws {
    self.url = url
    let name = url.path
    // Opening a pipe that nobody writes to would wait.
    descriptor = open(name, O_RDONLY | O_NONBLOCK | O_CLOEXEC)
    guard descriptor >= 0 else {
      throw CheckpointError(
        errno == ENOENT ? "\(name): no such file; check the path" : "\(name): cannot be read; check its permissions")
    }
    var information = stat()
    guard fstat(descriptor, &information) == 0, information.st_mode & S_IFMT == S_IFREG else {
      close(descriptor)
      throw CheckpointError("\(name): not a file; give a .safetensors file, or the folder it lies in")
    }
    size = Int(information.st_size)
    let header: Data
    do {
      header = try SafetensorsFile.header(descriptor, size: size, name: name)
      dataStart = 8 + header.count
      (entries, metadata, positions) = try SafetensorsFile.checked(header, dataCount: size - dataStart, name: name)
    } catch {
      close(descriptor)
      throw error
    }
  }

  deinit { close(descriptor) }

  /// What the header says, held against the size of the data.
  private static func checked(
    _ header: Data, dataCount: Int, name: String
  ) throws -> ([Entry], [String: String], [String: Int]) {
    let parsed = try SafetensorsHeader(json: header, file: name)
    var end = 0
    for entry in parsed.entries {
      guard entry.range.upperBound <= dataCount else {
        throw CheckpointError(
          "\(name): tensor '\(entry.name)' ends at byte \(entry.range.upperBound) of the data, which has \(dataCount): "
            + "the file is truncated; fetch it again")
      }
      guard entry.range.lowerBound == end else {
        throw CheckpointError(
          "\(name): tensor '\(entry.name)' begins at byte \(entry.range.lowerBound) of the data, expected \(end): "
            + "tensors overlap or leave a gap; the file is damaged")
      }
      end = entry.range.upperBound
    }
    guard end == dataCount else {
      throw CheckpointError(
        "\(name): the tensors end at byte \(end) of the data, which has \(dataCount): the file is damaged")
    }
    let positions = Dictionary(uniqueKeysWithValues: parsed.entries.enumerated().map { ($0.element.name, $0.offset) })
    return (parsed.entries, parsed.metadata, positions)
  }

  private static func header(_ descriptor: Int32, size: Int, name: String) throws -> Data {
    var data = Data(count: min(64, size))
    try data.withUnsafeMutableBytes { try read(descriptor, into: $0, at: 0, name: name) }
    if let reason = PointerFile.reason(data) { throw CheckpointError("\(name): \(reason)") }
    guard size >= 8 else {
      throw CheckpointError("\(name): \(size) bytes are too few for a safetensors file; give one, or its folder")
    }
    let length = data.prefix(8).enumerated().reduce(UInt64(0)) { $0 | UInt64($1.element) << (8 * UInt64($1.offset)) }
    guard size > 8, data[8] == UInt8(ascii: "{") else {
      throw CheckpointError("\(name): not a safetensors file (no JSON header); pickled checkpoints are never opened")
    }
    guard length <= UInt64(size - 8) else {
      throw CheckpointError(
        "\(name): the header is said to take \(length) bytes, the file has \(size - 8) after the length: "
          + "the file is truncated or no safetensors file")
    }
    guard length <= UInt64(longestHeader) else {
      throw CheckpointError("\(name): the header takes \(length) bytes, the format allows \(longestHeader)")
    }
    var header = Data(count: Int(length))
    try header.withUnsafeMutableBytes { try read(descriptor, into: $0, at: 8, name: name) }
    return header
  }

  /// Fills a buffer from a place in the file.
  ///
  /// - Throws: ``CheckpointError`` where the file ends before, or cannot be read.
  private static func read(
    _ descriptor: Int32, into buffer: UnsafeMutableRawBufferPointer, at offset: Int, name: String
  ) throws {
    var done = 0
    while done < buffer.count {
      let rest = UnsafeMutableRawBufferPointer(rebasing: buffer[done...])
      let count = pread(descriptor, rest.baseAddress, min(rest.count, 1 << 30), off_t(offset + done))
      if count > 0 {
        done += count
      } else if count == 0 {
        throw CheckpointError(
          "\(name): it became shorter while it was read: it ends before byte \(offset + buffer.count); fetch it again")
      } else if errno != EINTR {
        throw CheckpointError(
          "\(name): cannot be read at byte \(offset + done) (\(String(cString: strerror(errno)))); check the disk")
      }
    }
  }

  /// What the header says of a tensor, or nil.
  public func entry(named name: String) -> Entry? { positions[name].map { entries[$0] } }

  /// A tensor as a copy in CPU memory, float types as float32.
  ///
  /// - Throws: ``CheckpointError`` where there is no such tensor, or its type is none that networks have.
  public func tensor(named name: String) throws -> Tensor {
    guard let entry = entry(named: name) else { throw CheckpointError("\(url.path): no tensor '\(name)'") }
    guard let dtype = SafetensorsHeader.dtypes[entry.type] else {
      throw CheckpointError("\(url.path): tensor '\(name)' has type \(entry.type), which is not supported")
    }
    let expected = entry.shape.reduce(dtype.byteCount, *)
    guard entry.range.count == expected, expected > 0 else {
      return try Tensor(copying: UnsafeRawBufferPointer(start: nil, count: 0), shape: entry.shape, dtype: dtype)
    }
    let memory = TensorMemory(byteCount: expected)
    try SafetensorsFile.read(descriptor, into: memory.buffer, at: dataStart + entry.range.lowerBound, name: url.path)
    guard let address = memory.buffer.baseAddress else { throw CheckpointError("\(url.path): no memory for '\(name)'") }
    let bytes = try Tensor(sharing: address, owner: memory, shape: entry.shape, dtype: dtype)
    return [.float16, .bfloat16, .float64].contains(dtype) ? try bytes.to(.float32) : bytes
  }

  /// Hands the bytes of the whole file to `body` in pieces, for hashing.
  ///
  /// - Throws: ``CheckpointError`` where the file became shorter or cannot be read.
  public func eachPiece(_ body: (UnsafeRawBufferPointer) throws -> Void) throws {
    let memory = TensorMemory(byteCount: min(max(1, size), 4 << 20))
    for start in stride(from: 0, to: size, by: memory.buffer.count) {
      let piece = UnsafeMutableRawBufferPointer(
        rebasing: memory.buffer[0..<min(memory.buffer.count, size - start)])
      try SafetensorsFile.read(descriptor, into: piece, at: start, name: url.path)
      try body(UnsafeRawBufferPointer(piece))
    }
  }
}

/// Memory that a tensor keeps.
private final class TensorMemory {
  let buffer: UnsafeMutableRawBufferPointer

  init(byteCount: Int) { buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: byteCount, alignment: 64) }

  deinit { buffer.deallocate() }
}
