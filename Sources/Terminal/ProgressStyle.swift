/// How progress is shown.
public enum ProgressStyle: String, CaseIterable, Sendable {
  /// A bar on a terminal, lines elsewhere.
  case auto
  case bar, lines, none
}
