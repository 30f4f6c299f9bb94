import Formats
import Foundation
import Torch

/// The JSON header of a safetensors file, checked.
struct SafetensorsHeader {
  let entries: [SafetensorsFile.Entry]
  let metadata: [String: String]

  /// The types that can become tensors here.
  static let dtypes: [String: DType] = [
    "F64": .float64, "F32": .float32, "F16": .float16, "BF16": .bfloat16, "I64": .int64, "I32": .int32, "I16": .int16,
    "I8": .int8, "U8": .uint8, "BOOL": .bool,
  ]

  /// Bits an element of each type of the format takes.
  private static let bits: [String: Int] = [
    "F64": 64, "I64": 64, "U64": 64, "C64": 64, "F32": 32, "I32": 32, "U32": 32, "F16": 16, "BF16": 16, "I16": 16,
    "U16": 16, "F8_E4M3": 8, "F8_E5M2": 8, "F8_E8M0": 8, "I8": 8, "U8": 8, "BOOL": 8, "F4": 4, "F6_E2M3": 6,
    "F6_E3M2": 6,
  ]

  /// - Throws: ``CheckpointError``.
  init(json: Data, file: String) throws {
    let parsed: JSONValue
    do {
      parsed = try JSONValue(parsing: [UInt8](json))
    } catch {
      throw CheckpointError("\(file): the header is not JSON; the file is damaged or no safetensors file")
    }
    guard case .object(let object) = parsed else {
      throw CheckpointError("\(file): the header is not a JSON object; the file is damaged")
    }
    var metadata: [String: String] = [:]
    var entries: [SafetensorsFile.Entry] = []
    entries.reserveCapacity(object.count)
    for name in object.keys.sorted() {
      guard case .object(let fields) = object[name] else {
        throw CheckpointError("\(file): header entry '\(name)' is not an object; the file is damaged")
      }
      if name == "__metadata__" {
        metadata = fields.compactMapValues(SafetensorsHeader.text)
      } else {
        entries.append(try SafetensorsHeader.entry(name, fields, file: file))
      }
    }
    // Tensors without elements first among those that begin at one byte, so that the ranges follow each other.
    self.entries = entries.sorted {
      ($0.range.lowerBound, $0.range.upperBound, $0.name) < ($1.range.lowerBound, $1.range.upperBound, $1.name)
    }
    self.metadata = metadata
  }

  private static func text(_ value: JSONValue) -> String? {
    guard case .string(let text) = value else { return nil }
    return text
  }

  /// The members of a list of whole numbers; nil for anything else. Numbers beyond 2⁵³ are rounded: no file is that long.
  private static func integers(_ value: JSONValue) -> [Int]? {
    guard let members = value.elements else { return nil }
    let integers = members.compactMap { member -> Int? in
      guard case .number(let number) = member else { return nil }
      return Int(exactly: number)
    }
    return integers.count == members.count ? integers : nil
  }

  private static func entry(
    _ name: String, _ fields: [String: JSONValue], file: String
  ) throws -> SafetensorsFile.Entry {
    guard let type = fields["dtype"].flatMap(text), let shape = fields["shape"].flatMap(integers),
      let offsets = fields["data_offsets"].flatMap(integers), offsets.count == 2, shape.allSatisfy({ $0 >= 0 })
    else {
      throw CheckpointError(
        "\(file): tensor '\(name)' lacks a proper dtype, shape or data_offsets; the file is damaged")
    }
    guard let bits = bits[type] else {
      throw CheckpointError("\(file): tensor '\(name)' has type \(type), which the format does not know")
    }
    guard offsets[0] >= 0, offsets[0] <= offsets[1] else {
      throw CheckpointError(
        "\(file): tensor '\(name)' lies at bytes \(offsets[0]) to \(offsets[1]), which is not a range; the file is damaged"
      )
    }
    var count = 1
    for extent in shape + [bits] {
      let (product, overflow) = count.multipliedReportingOverflow(by: extent)
      guard !overflow else {
        throw CheckpointError("\(file): tensor '\(name)' has shape \(shape), too large for any file")
      }
      count = product
    }
    guard (count + 7) / 8 == offsets[1] - offsets[0] else {
      throw CheckpointError(
        "\(file): tensor '\(name)' is \(type)\(shape), \((count + 7) / 8) bytes, but lies in \(offsets[1] - offsets[0])"
      )
    }
    return SafetensorsFile.Entry(name: name, type: type, shape: shape, range: offsets[0]..<offsets[1])
  }
}
