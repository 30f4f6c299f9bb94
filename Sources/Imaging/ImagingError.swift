import Formats

/// What was wrong with an image, an annotation or a recipe: one line that says what, where and how to repair it.
public struct ImagingError: ExitStatusError, Sendable, Equatable {
  /// The file or folder concerned; nil where the error is about a name or a setting.
  public let path: String?
  /// What is wrong, without the path.
  public let reason: String

  public init(path: String? = nil, reason: String) {
    self.path = path
    self.reason = reason
  }

  public var exitStatus: Int32 { 2 }

  public var description: String { path.map { "\(ImagingError.printable($0)): \(reason)" } ?? reason }

  /// The path with control characters shown as escapes, so that an odd file name cannot break a line.
  private static func printable(_ path: String) -> String {
    path.unicodeScalars.reduce(into: "") { text, scalar in
      text += scalar.value < 0x20 || scalar.value == 0x7F ? scalar.escaped(asASCII: true) : String(scalar)
    }
  }
}
