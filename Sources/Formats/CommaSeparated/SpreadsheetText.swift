/// Texts in tables that a spreadsheet would take for formulas: a tap called `=2+5`, an image called `@SUM(A1).png`.
///
/// Excel and LibreOffice run a cell that begins with `=`, `@`, `+`, `-`, a tab or a carriage return, in quotes or not. Such a text is
/// written with an apostrophe before it, as OWASP advises ("CSV injection"); numbers stay as they are. So that the apostrophe can be
/// taken away again, a text that begins with apostrophes before one of these characters gets one more. A program other than ours
/// takes the first apostrophe away where one of these characters, or another apostrophe and then one of these, follows.
public enum SpreadsheetText {
  private static let apostrophe = UInt8(ascii: "'")
  private static let first = Set("=@+-\t\r".utf8)

  /// As it stands in a file.
  public static func written(_ text: String) -> String { isFormula(text) ? "'" + text : text }

  /// What ``written(_:)`` was given.
  public static func restored(_ text: String) -> String {
    guard text.utf8.first == apostrophe, isFormula(text) else { return text }
    return String(decoding: text.utf8.dropFirst(), as: UTF8.self)
  }

  /// Whether a spreadsheet would run a text, or would if apostrophes before it were taken away.
  private static func isFormula(_ text: String) -> Bool {
    guard let start = text.utf8.first, start == apostrophe || first.contains(start) else { return false }
    let rest = text.utf8.drop { $0 == apostrophe }
    guard let character = rest.first, first.contains(character) else { return false }
    return start == apostrophe || Double(text) == nil
  }
}
