import CCairo
import Formats

/// Faces of font families as Fontconfig lists them.
enum InstalledFonts {
  /// The fonts that an installation brings along, so that figures look the same where the system has none of them. Added once, when
  /// the first text is set.
  private static let shipped: Void = {
    guard let folder = ShippedFiles.installedFolder("fonts") else { return }
    folder.path.withCString { name in
      name.withMemoryRebound(to: FcChar8.self, capacity: folder.path.utf8.count + 1) {
        _ = FcConfigAppFontAddDir(nil, $0)
      }
    }
  }()

  static func addShipped() { shipped }

  /// Hands over the installed faces of exactly this family, not of a substitute, each with `objects` such as `FC_STYLE`.
  /// - Returns: nil where Fontconfig could not list them.
  static func list<Value>(
    _ family: String, _ objects: [String], _ take: ([OpaquePointer]) -> Value
  ) -> Value? {
    guard let pattern = FcPatternCreate() else { return nil }
    defer { FcPatternDestroy(pattern) }
    let added = family.withCString { name in
      name.withMemoryRebound(to: FcChar8.self, capacity: family.utf8.count + 1) {
        FcPatternAddString(pattern, FC_FAMILY, $0)
      }
    }
    guard added != 0, let wanted = FcObjectSetCreate() else { return nil }
    defer { FcObjectSetDestroy(wanted) }
    for object in objects { FcObjectSetAdd(wanted, object) }
    guard let found = FcFontList(nil, pattern, wanted) else { return nil }
    defer { FcFontSetDestroy(found) }
    return take((0..<Int(found.pointee.nfont)).compactMap { found.pointee.fonts[$0] })
  }
}
