/// A paragraph of what was found, the words that say what it is about, and perhaps a list below it.
struct Finding {
  let lead: String
  let text: String
  let hasItems: Bool
  let items: [String]

  init(lead: String, text: String, items: [String] = []) {
    self.lead = lead
    self.text = text
    hasItems = !items.isEmpty
    self.items = items
  }

  /// The lead of the paragraph that says what was measured, which is not a result.
  static let measured = "Measured"
}
