/// What this program is.
public enum Version {
  public static let number = "0.2.0"
  public static let text = "palimpsest \(number)"
}
