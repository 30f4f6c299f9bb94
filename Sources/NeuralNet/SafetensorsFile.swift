import Formats
import Foundation
import Torch

/// A checkpoint file that could not be read or written, in one line: which file, what is wrong, how to mend it.
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

/// A safetensors file, mapped into memory: 8 bytes of little-endian header length, a JSON header, the data.
///
/// Opening it checks the whole header: lengths against the file, offsets in range, without gaps or overlaps, and in
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
  private let data: Data
  private let dataStart: Int
  private let positions: [String: Int]

  /// The longest header the format allows, in bytes.
  static let longestHeader = 100_000_000

  /// Maps the file and checks its header.
  ///
  /// - Throws: ``CheckpointError`` where it is not a whole safetensors file.
  public init(contentsOf url: URL) throws {
    self.url = url
    let name = url.path
    do {
      data = try Data(contentsOf: url, options: .alwaysMapped)
    } catch {
      let isThere = FileManager.default.fileExists(atPath: name)
      throw CheckpointError(
        isThere ? "\(name): cannot be read; check its permissions" : "\(name): no such file; check the path")
    }
    let header = try SafetensorsFile.header(of: data, name: name)
    dataStart = 8 + header.count
    let parsed = try SafetensorsHeader(json: header, file: name)
    metadata = parsed.metadata
    entries = parsed.entries
    let dataCount = data.count - dataStart
    var end = 0
    for entry in entries {
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
    positions = Dictionary(uniqueKeysWithValues: entries.enumerated().map { ($0.element.name, $0.offset) })
  }

  private static func header(of data: Data, name: String) throws -> Data {
    if let reason = PointerFile.reason(data.prefix(64)) { throw CheckpointError("\(name): \(reason)") }
    guard data.count >= 8 else {
      throw CheckpointError("\(name): \(data.count) bytes are too few for a safetensors file; give one, or its folder")
    }
    let length = data.prefix(8).enumerated().reduce(UInt64(0)) { $0 | UInt64($1.element) << (8 * UInt64($1.offset)) }
    guard data.count > 8, data[data.startIndex + 8] == UInt8(ascii: "{") else {
      throw CheckpointError("\(name): not a safetensors file (no JSON header); pickled checkpoints are never opened")
    }
    guard length <= UInt64(data.count - 8) else {
      throw CheckpointError(
        "\(name): the header is said to take \(length) bytes, the file has \(data.count - 8) after the length: "
          + "the file is truncated or no safetensors file")
    }
    guard length <= UInt64(longestHeader) else {
      throw CheckpointError("\(name): the header takes \(length) bytes, the format allows \(longestHeader)")
    }
    return data.subdata(in: (data.startIndex + 8)..<(data.startIndex + 8 + Int(length)))
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
    let bytes = try data.withUnsafeBytes { all in
      let start = dataStart + entry.range.lowerBound
      let memory = UnsafeRawBufferPointer(rebasing: all[start..<(start + entry.range.count)])
      return try Tensor(copying: memory, shape: entry.shape, dtype: dtype)
    }
    return [.float16, .bfloat16, .float64].contains(dtype) ? try bytes.to(.float32) : bytes
  }

  /// Lends the mapped file, for hashing.
  public func withFileBytes<Result>(_ body: (Data) throws -> Result) rethrows -> Result { try body(data) }
}
