/// How `analyze prototypes` names its files.
public enum PrototypeFiles {
  /// What a store's files are of.
  public enum Kind: String {
    /// Means of classes.
    case prototypes
    /// A detector's classes at places.
    case places
  }

  /// The name, without an ending, of one store's files.
  public static func name(_ kind: Kind, of store: String) -> String {
    kind.rawValue + "-" + store.map { $0.isLetter || $0.isNumber || "._-#".contains($0) ? String($0) : "-" }.joined()
  }

  /// The store of what one store's prototypes, or classes at places, were reconstructed from.
  public static func pictures(_ kind: Kind, of store: String) -> String { name(kind, of: store) + "-back.h5" }
}
