import CCairo
import Figures

/// What figures were drawn with, as far as their bytes depend on it.
public struct DrawingTools: Codable, Sendable, Equatable {
  /// One face of a font.
  public struct Font: Codable, Sendable, Equatable {
    public var family: String
    public var style: String
    /// The revision its file gives, such as 2.115.
    public var version: String
  }

  public var cairo: String
  public var pango: String
  public var fontconfig: String
  /// What shapes the text, what reads its outlines, and what fills pixels; nil in records from before they were written down.
  public var harfbuzz: String?
  public var freetype: String?
  public var pixman: String?
  /// Every installed face of the families in use, in a fixed order.
  public var fonts: [Font]

  /// The libraries of this process, and the fonts that `typesetter` used so far.
  public init(typesetter: PangoTypesetter) {
    self.init()
    fonts = typesetter.usedFamilies.flatMap(Self.faces)
  }

  /// The libraries of this process alone.
  public init() {
    cairo = String(cString: cairo_version_string())
    pango = String(cString: pango_version_string())
    let number = FcGetVersion()
    fontconfig = "\(number / 10000).\(number / 100 % 100).\(number % 100)"
    harfbuzz = String(cString: hb_version_string())
    var version: (Int32, Int32, Int32) = (0, 0, 0)
    withUnsafeMutableBytes(of: &version) {
      palimpsest_freetype_version($0.bindMemory(to: Int32.self).baseAddress)
    }
    freetype = "\(version.0).\(version.1).\(version.2)"
    pixman = String(cString: pixman_version_string())
    fonts = []
  }

  /// Every library with its version, where that is known.
  public var libraries: [(name: String, version: String?)] {
    [
      ("Cairo", cairo), ("Pango", pango), ("Fontconfig", fontconfig), ("HarfBuzz", harfbuzz), ("FreeType", freetype),
      ("Pixman", pixman),
    ]
  }

  /// What differs from `other`, one sentence each: there, then here.
  public func differences(from other: DrawingTools) -> [String] {
    var sentences: [String] = []
    for (known, here) in zip(other.libraries, libraries) {
      guard let there = known.version, let here = here.version, there != here else { continue }
      sentences.append("drawn with \(known.name) \(there), here it is \(here)")
    }
    func key(_ font: Font) -> String { "\(font.family) \(font.style)" }
    for font in other.fonts where !fonts.contains(font) {
      let here = fonts.filter { key($0) == key(font) }.map(\.version)
      sentences.append(
        "drawn with the font \(key(font)) \(font.version), here it is "
          + (here.isEmpty ? "not installed or not used" : here.joined(separator: " and ")))
    }
    for font in fonts where !other.fonts.contains(where: { key($0) == key(font) }) {
      sentences.append("drawn without the font \(key(font)), which is used here (\(font.version))")
    }
    return sentences
  }

  private static func faces(_ family: String) -> [Font] {
    let faces = InstalledFonts.list(family, [FC_STYLE, FC_FONTVERSION]) { faces in
      faces.compactMap { face -> Font? in
        var style: UnsafeMutablePointer<FcChar8>?
        var revision: Int32 = 0
        guard FcPatternGetString(face, FC_STYLE, 0, &style) == FcResultMatch, let style,
          FcPatternGetInteger(face, FC_FONTVERSION, 0, &revision) == FcResultMatch
        else { return nil }
        return Font(
          family: family, style: String(cString: style), version: Numbers.fixed(Double(revision) / 65536, digits: 3))
      }
    }
    return (faces ?? []).sorted { ($0.style, $0.version) < ($1.style, $1.version) }
  }
}
