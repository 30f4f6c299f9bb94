import CCairo
import Figures
import Formats

/// Sets runs of text with Pango: measures them for layouts and draws them on a Cairo context, always unhinted, so that
/// a run has the same width in every format and at every resolution. Not for more than one thread at a time.
public final class PangoTypesetter: TextMeasuring {
  /// The family that is installed, of those asked for.
  public let family: String
  /// Set if it is not the first of those asked for.
  public let warning: String?

  private let fontMap: UnsafeMutablePointer<PangoFontMap>
  private let context: OpaquePointer
  private let options: OpaquePointer
  private var layouts: [Key: SetLine] = [:]
  /// Characters that no installed font has.
  private var missing: Set<Unicode.Scalar> = []

  /// What makes two runs look the same wherever they stand.
  private struct Key: Hashable {
    let markup: String
    let size: Double
    let bold: Bool
  }

  private struct SetLine {
    let layout: OpaquePointer
    let extent: TextExtent
  }

  /// Takes the first of `families` that is installed.
  /// - Throws: `FigureError` naming the package to install if none is.
  public init(families: [String]) throws {
    InstalledFonts.addShipped()
    guard let map = pango_cairo_font_map_new() else { throw FigureError("Pango could not make a font map") }
    fontMap = map
    guard let made = pango_font_map_create_context(map), let fontOptions = cairo_font_options_create() else {
      g_object_unref(map)
      throw FigureError("Pango could not make a context")
    }
    context = made
    options = fontOptions
    cairo_font_options_set_hint_style(options, CAIRO_HINT_STYLE_NONE)
    cairo_font_options_set_hint_metrics(options, CAIRO_HINT_METRICS_OFF)
    cairo_font_options_set_antialias(options, CAIRO_ANTIALIAS_GRAY)
    pango_cairo_context_set_font_options(context, options)
    pango_cairo_context_set_resolution(context, 72)
    pango_context_set_round_glyph_positions(context, 0)
    // Neither the locale nor the environment decides how text is shaped.
    pango_context_set_language(context, pango_language_from_string("en"))
    pango_context_set_base_dir(context, PANGO_DIRECTION_LTR)

    let installed = families.first { Self.isInstalled($0) }
    guard let installed else {
      g_object_unref(UnsafeMutableRawPointer(context))
      cairo_font_options_destroy(options)
      g_object_unref(map)
      if families.count == 1 {
        throw FigureError(
          "font '\(families[0])' is not installed; 'fc-list : family' lists the families that are (a venue's Times: "
            + "apt-get install fonts-liberation2 for 'Liberation Serif', fonts-stix for 'STIX Two Text', fonts-cmu for 'CMU Serif')"
        )
      }
      throw FigureError(
        "none of the fonts \(families.map { "'\($0)'" }.joined(separator: ", ")) is installed; "
          + "install one (Debian and Ubuntu: apt-get install fonts-liberation2)")
    }
    family = installed
    warning =
      installed == families.first
      ? nil
      : "font '\(families.first ?? "")' is not installed, figures are set in '\(installed)' "
        + "(Debian and Ubuntu: apt-get install fonts-liberation2)"
  }

  deinit {
    for line in layouts.values { g_object_unref(UnsafeMutableRawPointer(line.layout)) }
    g_object_unref(UnsafeMutableRawPointer(context))
    cairo_font_options_destroy(options)
    g_object_unref(fontMap)
  }

  /// Whether Fontconfig has a family of exactly this name, not merely a substitute for it.
  private static func isInstalled(_ family: String) -> Bool {
    InstalledFonts.list(family, [FC_FAMILY]) { !$0.isEmpty } ?? false
  }

  public func extent(of run: TextRun) -> TextExtent { line(for: run).extent }

  /// The families of the fonts that set the runs so far, in alphabetical order: its own, and those Pango took for characters
  /// that it has not.
  public var usedFamilies: [String] {
    var names: Set<String> = [family]
    for line in layouts.values {
      var run = pango_layout_get_line_readonly(line.layout, 0)?.pointee.runs
      while let node = run {
        if let item = node.pointee.data?.assumingMemoryBound(to: PangoGlyphItem.self).pointee.item,
          let font = item.pointee.analysis.font, let description = pango_font_describe(font)
        {
          if let name = pango_font_description_get_family(description) { names.insert(String(cString: name)) }
          pango_font_description_free(description)
        }
        run = node.pointee.next
      }
    }
    return names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
  }

  /// A sentence about characters of the runs so far that no installed font has, and that are drawn as boxes; nil if there
  /// are none.
  public var missingCharacters: String? {
    guard !missing.isEmpty else { return nil }
    let named = missing.sorted().prefix(8).map { "'\($0)'" }.joined(separator: ", ")
    return "no installed font has \(named)\(missing.count > 8 ? " and others" : ""): boxes are drawn in their place; "
      + "install one that has (Debian and Ubuntu: apt-get install fonts-noto)"
  }

  /// Draws `run` at its place in the coordinates of `cairo`.
  func draw(_ run: TextRun, on cairo: OpaquePointer) {
    let line = line(for: run)
    let start = run.baselineStart(width: line.extent.width)
    cairo_save(cairo)
    cairo_set_source_rgba(cairo, run.color.red, run.color.green, run.color.blue, run.color.alpha)
    cairo_move_to(cairo, start.x, start.y)
    if run.direction == .upwards { cairo_rotate(cairo, -Double.pi / 2) }
    pango_cairo_show_layout_line(cairo, pango_layout_get_line_readonly(line.layout, 0))
    cairo_restore(cairo)
  }

  private func line(for run: TextRun) -> SetLine {
    let markup = Self.markup(of: run)
    let key = Key(markup: markup, size: run.size, bold: run.weight == .bold)
    if let known = layouts[key] { return known }
    let made = makeLine(run, markup: markup)
    layouts[key] = made
    return made
  }

  private func makeLine(_ run: TextRun, markup: String) -> SetLine {
    guard let layout = pango_layout_new(context), let font = pango_font_description_new() else {
      preconditionFailure("Pango is out of memory")
    }
    pango_font_description_set_family(font, family)
    pango_font_description_set_weight(font, run.weight == .bold ? PANGO_WEIGHT_BOLD : PANGO_WEIGHT_NORMAL)
    pango_font_description_set_absolute_size(font, run.size * Double(PANGO_SCALE))
    pango_layout_set_font_description(layout, font)
    pango_font_description_free(font)
    pango_layout_set_single_paragraph_mode(layout, 1)
    if run.spans.count == 1, run.spans[0].script == .normal, !run.spans[0].italic {
      pango_layout_set_text(layout, Self.printable(run.text), -1)
    } else {
      pango_layout_set_markup(layout, markup, -1)
    }
    noteMissing(in: layout)
    var logical = PangoRectangle()
    pango_layout_line_get_extents(pango_layout_get_line_readonly(layout, 0), nil, &logical)
    let scale = Double(PANGO_SCALE)
    return SetLine(
      layout: layout,
      extent: TextExtent(
        width: Double(logical.width) / scale, ascent: Double(-logical.y) / scale,
        descent: Double(logical.y + logical.height) / scale))
  }

  /// Pango sets a box with the number of a character in place of one that it finds no font for.
  private func noteMissing(in layout: OpaquePointer) {
    guard pango_layout_get_unknown_glyphs_count(layout) > 0 else { return }
    let isUnknown: PangoGlyph = 0x1000_0000
    var run = pango_layout_get_line_readonly(layout, 0)?.pointee.runs
    while let node = run {
      if let glyphs = node.pointee.data?.assumingMemoryBound(to: PangoGlyphItem.self).pointee.glyphs {
        for place in 0..<Int(glyphs.pointee.num_glyphs) {
          let glyph = glyphs.pointee.glyphs[place].glyph
          if glyph & isUnknown != 0, let scalar = Unicode.Scalar(glyph & ~isUnknown) { missing.insert(scalar) }
        }
      }
      run = node.pointee.next
    }
  }

  /// Control characters and zero bytes have no glyphs and would end a C string: they become the replacement character.
  static func printable(_ text: String) -> String {
    String(
      String.UnicodeScalarView(
        text.unicodeScalars.map { $0.properties.generalCategory == .control ? "\u{FFFD}" : $0 }))
  }

  private static func markup(of run: TextRun) -> String {
    run.spans.map { span in
      let text = printable(span.text).xmlEscaped
      let slant = span.italic ? " style=\"italic\"" : ""
      func thousandths(_ factor: Double) -> Int { Int(saturating: (run.size * factor * Double(PANGO_SCALE)).rounded()) }
      switch span.script {
      case .normal:
        return span.italic ? "<span\(slant)>\(text)</span>" : text
      case .superscript:
        return "<span\(slant) size=\"\(thousandths(TextRun.scriptScale))\" "
          + "rise=\"\(thousandths(TextRun.superscriptRise))\">\(text)</span>"
      case .subscript:
        return "<span\(slant) size=\"\(thousandths(TextRun.scriptScale))\" "
          + "rise=\"\(-thousandths(TextRun.subscriptDrop))\">\(text)</span>"
      }
    }.joined()
  }
}

extension String {
  /// Safe as the text and as a quoted attribute of XML: every scalar by itself, so that a combining mark after a quote
  /// hides nothing. Characters XML does not allow become the replacement character.
  package var xmlEscaped: String {
    var escaped = ""
    escaped.reserveCapacity(utf8.count)
    for scalar in unicodeScalars {
      switch scalar {
      case "<": escaped += "&lt;"
      case ">": escaped += "&gt;"
      case "&": escaped += "&amp;"
      case "\"": escaped += "&quot;"
      case "'": escaped += "&#39;"
      case "\n", "\t": escaped.unicodeScalars.append(scalar)
      case "\u{0}"..."\u{1F}", "\u{7F}"..."\u{9F}", "\u{FFFE}", "\u{FFFF}": escaped += "\u{FFFD}"
      default: escaped.unicodeScalars.append(scalar)
      }
    }
    return escaped
  }
}
