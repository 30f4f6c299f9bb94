/// How a number is defined, for the page's methods.
struct Method: Equatable {
  let name: String
  let text: String
  /// On a line of its own; empty for none.
  let formula: String
  let hasFormula: Bool
  /// Who defined it; empty where the text says so.
  let reference: String
  let hasReference: Bool

  init(_ name: String, _ text: String, formula: String = "", reference: String = "") {
    self.name = name
    self.text = text
    self.formula = formula
    hasFormula = !formula.isEmpty
    self.reference = reference
    hasReference = !reference.isEmpty
  }
}
