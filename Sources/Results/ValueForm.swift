/// What an option takes as one of its values: a word, a word and a whole number behind a colon (`grid:G`), or any two names with a
/// colon between them (`STORE:TAP`).
public struct ValueForm: Sendable, Hashable, ExpressibleByStringLiteral, CustomStringConvertible {
  private let word: String
  private let placeholder: String?
  private let range: ClosedRange<Int>?
  private var isAnyName = false

  public init(stringLiteral word: String) { self.init(word) }

  public init(_ word: String) {
    self.word = word
    placeholder = nil
    range = nil
  }

  /// - Parameters:
  ///   - placeholder: what stands for the number in help texts.
  ///   - range: which numbers are possible.
  public init(_ word: String, number placeholder: String, in range: ClosedRange<Int>) {
    self.word = word
    self.placeholder = placeholder
    self.range = range
  }

  /// Any two names with a colon between them.
  ///
  /// - Parameter form: what stands for them in help texts.
  public init(names form: String) {
    self.init(form)
    isAnyName = true
  }

  /// As in help texts: `mean`, `grid:G`.
  public var description: String { placeholder.map { "\(word):\($0)" } ?? word }

  /// Whether a text is such a value.
  public func matches(_ text: String) -> Bool {
    if isAnyName { return text.firstIndex(of: ":").map { $0 > text.startIndex && text.last != ":" } ?? false }
    guard let range else { return text == word }
    guard text.hasPrefix(word + ":"), let number = Int(text.dropFirst(word.count + 1)) else { return false }
    return range.contains(number)
  }
}
