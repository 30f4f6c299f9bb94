import Foundation

/// A table of one observation a row, written as comma-separated values (RFC 4180, lines ended by a line feed).
public struct TidyTable: Sendable, Equatable {
  /// One field. Numbers are written with as many digits as it takes to read the same number back.
  public enum Field: Sendable, Equatable {
    case text(String)
    case integer(Int)
    /// nil is an empty field.
    case real(Double?)

    var written: String {
      switch self {
      case .text(let text): TidyTable.quoted(text)
      case .integer(let value): "\(value)"
      case .real(let value): value.map { "\($0)" } ?? ""
      }
    }
  }

  public let header: [String]
  public private(set) var rows: [[Field]] = []

  public init(header: [String]) {
    self.header = header
  }

  public mutating func append(_ row: [Field]) {
    precondition(row.count == header.count, "a field for each column")
    rows.append(row)
  }

  /// The whole file.
  public var text: String {
    var text = header.map(TidyTable.quoted).joined(separator: ",") + "\n"
    for row in rows {
      text += row.map(\.written).joined(separator: ",")
      text += "\n"
    }
    return text
  }

  /// Writes the file under another name and puts it in place in one step.
  public func write(to path: String) throws {
    do {
      try Data(text.utf8).write(to: URL(fileURLWithPath: path), options: .atomic)
    } catch {
      throw AnalysisError(.workFailed, "cannot write \(path): \(TidyTable.reason(error)); choose another --out")
    }
  }

  /// Why the file system refused, in its own words.
  static func reason(_ error: any Error) -> String {
    let underlying = (error as NSError).userInfo[NSUnderlyingErrorKey] as? NSError
    return underlying.map { String(cString: strerror(Int32($0.code))) } ?? "its place or permissions do not allow it"
  }

  static func quoted(_ text: String) -> String {
    let needsQuotes = text.utf8.contains { $0 == 0x22 || $0 == 0x2C || $0 == 0x0A || $0 == 0x0D }
    guard needsQuotes else { return text }
    return "\"" + text.replacing("\"", with: "\"\"") + "\""
  }
}
