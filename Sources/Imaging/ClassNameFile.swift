import Formats
import Foundation

/// Names for classes whose labels say little, such as ImageNet's `n01440764`.
public struct ClassNameFile: Sendable {
  private let names: [String: String]

  /// Reads a UTF-8 file; see ``init(parsing:)``.
  ///
  /// - Throws: `ImagingError` naming the file.
  public init(contentsOf url: URL) throws {
    do {
      try self.init(parsing: FileBytes.read(url.path))
    } catch let error as ImagingError {
      throw ImagingError(path: url.path, reason: error.reason)
    } catch let error as JSONError {
      throw ImagingError(path: url.path, reason: error.description)
    }
  }

  /// Reads text with a line a class: its label, then after a comma, a tab or spaces its name, as in ImageNet's `LOC_synset_mapping.txt`; or
  /// JSON, label to name, or as Keras' `imagenet_class_index.json` number to label and name. Of several names that are separated by commas
  /// the first is taken.
  ///
  /// - Throws: `ImagingError` without a path, `JSONError`.
  public init(parsing bytes: [UInt8]) throws {
    if let reason = PointerFile.reason(bytes) { throw ImagingError(reason: reason) }
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw ImagingError(reason: "is not UTF-8 text; save it as UTF-8")
    }
    names = text.first { !$0.isWhitespace } == "{" ? try Self.names(json: bytes) : try Self.names(lines: text)
    guard !names.isEmpty else { throw ImagingError(reason: "no names in it; \(Self.form)") }
  }

  private static let form = "write a line a class: its label, then its name"

  private static func names(lines text: String) throws -> [String: String] {
    var names: [String: String] = [:]
    for (number, line) in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).enumerated() {
      let line = line.trimmingCharacters(in: .whitespaces)
      guard !line.isEmpty, !line.hasPrefix("#") else { continue }
      guard let end = line.firstIndex(where: { $0 == "," || $0.isWhitespace }) else {
        throw ImagingError(reason: "line \(number + 1) is '\(line.prefix(60))', a label without a name; \(form)")
      }
      names[String(line[..<end])] = first(of: String(line[line.index(after: end)...]))
    }
    return names
  }

  private static func names(json bytes: [UInt8]) throws -> [String: String] {
    guard case .object(let fields) = try JSONValue(parsing: bytes) else { return [:] }
    var names: [String: String] = [:]
    for (key, value) in fields {
      switch value {
      case .string(let name): names[key] = first(of: name)
      case .array(let pair):
        guard case .string(let label)? = pair.first, case .string(let name)? = pair.dropFirst().first else {
          fallthrough
        }
        (names[label], names[key]) = (first(of: name), first(of: name))
      default:
        throw ImagingError(
          reason: "'\(key)' is \(value.summary); expected a name, or a list of a label and its name")
      }
    }
    return names
  }

  /// The first of several names, without quotes.
  private static func first(of names: String) -> String {
    let plain = names.trimmingCharacters(in: CharacterSet(charactersIn: "\" \t"))
    return plain.prefix { $0 != "," }.trimmingCharacters(in: .whitespaces)
  }

  /// The name of a class; nil where the file has none.
  public subscript(label: String) -> String? { names[label].flatMap { $0.isEmpty ? nil : $0 } }
}
