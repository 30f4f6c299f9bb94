/// One line of text at a place: drawn as one run, so that it can be selected and searched as a whole.
public struct TextRun: Sendable, Equatable {
  public enum Script: Sendable, Equatable { case normal, superscript, `subscript` }
  public enum Weight: Sendable, Equatable { case regular, bold }
  /// Where `position` lies along the text.
  public enum Alignment: Sendable, Equatable { case start, middle, end }
  /// Where `position` lies across the text: on its baseline, or half a capital's height above it.
  public enum Baseline: Sendable, Equatable { case baseline, middle }
  /// Reading direction: to the right, or upwards (turned a quarter to the left).
  public enum Direction: Sendable, Equatable { case rightwards, upwards }

  /// A piece of a run in one script and slant.
  public struct Span: Sendable, Equatable {
    public var text: String
    public var script: Script
    public var italic: Bool

    public init(_ text: String, script: Script = .normal, italic: Bool = false) {
      self.text = text
      self.script = script
      self.italic = italic
    }
  }

  public var spans: [Span]
  public var position: Point
  /// Size of the type in points.
  public var size: Double
  public var weight: Weight
  public var alignment: Alignment
  public var baseline: Baseline
  public var direction: Direction
  public var color: Color
  /// The whole text where `spans` had to be shortened.
  public var fullText: String?

  public init(
    _ text: String, at position: Point, size: Double, weight: Weight = .regular, alignment: Alignment = .start,
    baseline: Baseline = .baseline, direction: Direction = .rightwards, color: Color, fullText: String? = nil
  ) {
    self.init(
      spans: [Span(text)], at: position, size: size, weight: weight, alignment: alignment, baseline: baseline,
      direction: direction, color: color, fullText: fullText)
  }

  public init(
    spans: [Span], at position: Point, size: Double, weight: Weight = .regular, alignment: Alignment = .start,
    baseline: Baseline = .baseline, direction: Direction = .rightwards, color: Color, fullText: String? = nil
  ) {
    self.spans = spans
    self.position = position
    self.size = size
    self.weight = weight
    self.alignment = alignment
    self.baseline = baseline
    self.direction = direction
    self.color = color
    self.fullText = fullText
  }

  /// The characters of all spans.
  public var text: String { spans.map(\.text).joined() }

  /// How much smaller super- and subscripts are set, and how far they move, in sizes.
  public static let scriptScale = 0.7
  public static let superscriptRise = 0.35
  public static let subscriptDrop = 0.15
  /// Half the height of a capital, in sizes: from the middle of a line of text to its baseline.
  public static let middleToBaseline = 0.355

  /// Where the baseline starts, given the width of the run in points.
  public func baselineStart(width: Double) -> Point {
    let along =
      switch alignment {
      case .start: 0.0
      case .middle: -width / 2
      case .end: -width
      }
    let across = baseline == .middle ? Self.middleToBaseline * size : 0
    return switch direction {
    case .rightwards: Point(position.x + along, position.y + across)
    case .upwards: Point(position.x + across, position.y - along)
    }
  }

  /// The rectangle the run takes on the page.
  public func bounds(_ extent: TextExtent) -> Rectangle {
    let start = baselineStart(width: extent.width)
    return switch direction {
    case .rightwards:
      Rectangle(
        x: start.x, y: start.y - extent.ascent, width: extent.width, height: extent.ascent + extent.descent)
    case .upwards:
      Rectangle(
        x: start.x - extent.ascent, y: start.y - extent.width, width: extent.ascent + extent.descent,
        height: extent.width)
    }
  }
}

/// How much room a run takes: its width along the line, and the reach of its glyphs above and below the baseline.
public struct TextExtent: Sendable, Equatable {
  public var width: Double
  public var ascent: Double
  public var descent: Double

  public init(width: Double, ascent: Double, descent: Double) {
    self.width = width
    self.ascent = ascent
    self.descent = descent
  }
}

/// Measures text in the font it will be drawn in, so that layouts leave the room it needs.
public protocol TextMeasuring {
  func extent(of run: TextRun) -> TextExtent
}

extension TextMeasuring {
  /// The width of `text` in points.
  public func width(of text: String, size: Double, weight: TextRun.Weight = .regular) -> Double {
    extent(of: TextRun(text, at: Point(0, 0), size: size, weight: weight, color: .black)).width
  }

  /// `text`, or its two ends around an ellipsis where it is wider than `width`.
  public func elided(
    _ text: String, toWidth width: Double, size: Double, weight: TextRun.Weight = .regular
  ) -> String {
    guard self.width(of: text, size: size, weight: weight) > width else { return text }
    let characters = Array(text)
    func shortened(_ kept: Int) -> String {
      String(characters.prefix((kept + 1) / 2)) + "…" + String(characters.suffix(kept / 2))
    }
    var low = 0
    var high = characters.count
    while high - low > 1 {
      let kept = (low + high) / 2
      if self.width(of: shortened(kept), size: size, weight: weight) <= width { low = kept } else { high = kept }
    }
    return shortened(low)
  }
}

extension SceneNode {
  /// The whole of every text that is cut short by an ellipsis.
  static func shortenedTexts(_ nodes: [SceneNode]) -> [String] {
    nodes.flatMap { node -> [String] in
      switch node {
      case .text(let run): run.text.contains("…") ? [run.fullText].compactMap { $0 } : []
      case .group(let group): shortenedTexts(group.children)
      case .rectangle, .path, .image: []
      }
    }
  }
}
