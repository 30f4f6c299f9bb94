import Analysis

extension MeasureSelection {
  /// As provenance records what all analyses of conditions and pictures have.
  var recorded: [(name: String, value: String)] {
    [("conditions", conditions?.joined(separator: ",") ?? "all")] + shared
  }

  /// The same of an analysis that takes one condition.
  var recordedOfOne: [(name: String, value: String)] { [("condition", condition)] + shared }

  private var shared: [(name: String, value: String)] {
    [
      ("taps", taps?.joined(separator: ",") ?? "all"), ("bootstrap", "\(bootstrap)"),
    ] + images.recorded
  }
}

/// The names of choices as provenance records them: `all` where it is every one.
func recordedNames<Choice: RawRepresentable & CaseIterable>(_ chosen: [Choice]) -> String
where Choice.RawValue == String {
  let names = chosen.map(\.rawValue)
  return names == Choice.allCases.map(\.rawValue) ? "all" : names.joined(separator: ",")
}
