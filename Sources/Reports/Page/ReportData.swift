import Figures
import Foundation

/// What the page's script knows: the numbers of every variant and where they lie in the figures.
struct ReportData: Encodable {
  struct Variant: Encodable {
    struct Store: Encodable {
      let name: String
      let taps: [String]
    }

    let id: String
    let label: String
    let quantity: String
    let estimator: String
    let stores: [Store]
    /// One entry where all rows have the same number, else one a pair.
    let n: [Int]
    /// Pairs (0,0), (0,1) … (0,N-1), (1,1) …: the upper triangle, row after row.
    let value: [Double?]
    let low: [Double?]
    let high: [Double?]
    /// Whether the file has a row for the pair.
    let known: [Int]
    /// What chance gives; nil where that was not computed.
    let chance: Chance?
  }

  /// Of every pair the null band, the p-value and that corrected for all pairs.
  struct Chance: Encodable {
    let low: [Double?]
    let high: [Double?]
    let p: [Double?]
    let adjusted: [Double?]
  }

  struct Panel: Encodable {
    let rows: [Int]
    let columns: [Int]
    let x: [Double]
    let y: [Double]
    /// Width and height of a cell.
    let cell: [Double]
  }

  struct HeatMap: Encodable {
    let id: String
    let variant: String
    let width: Double
    let height: Double
    let panels: [Panel]
  }

  var variants: [Variant] = []
  var figures: [HeatMap] = []
  var explorers: [NamedExplorer] = []
  /// What words mean, for whoever points at them.
  var terms: [Glossary.Term] = []
  /// By figure, where its marks lie and what they show.
  private(set) var marks: [FigureMarks] = []

  struct FigureMarks: Encodable {
    let id: String
    /// Of each mark: left, top, width and height in thousandths of the figure.
    let frames: [[Int]]
    let titles: [String]
  }

  /// Marks of a figure that has titles at them; those of pictures are in its alternative text.
  mutating func add(_ found: SceneMarks, of figure: String, size: Size) {
    guard !found.marks.isEmpty, found.images.isEmpty else { return }
    func share(_ length: Double, of whole: Double) -> Int { Int(saturating: (length / whole * 1000).rounded()) }
    marks.append(
      FigureMarks(
        id: figure,
        frames: found.marks.map { mark in
          [
            share(mark.frame.x, of: size.width), share(mark.frame.y, of: size.height),
            share(mark.frame.width, of: size.width), share(mark.frame.height, of: size.height),
          ]
        }, titles: found.marks.map(\.title)))
  }

  struct NamedExplorer: Encodable {
    let id: String
    let explorer: Explorer
  }

  mutating func add(_ variant: SimilarityVariant, identifier: String) {
    var counts: [Int] = []
    var value: [Double?] = []
    var low: [Double?] = []
    var high: [Double?] = []
    var known: [Int] = []
    var nulls: [NullTable.Row?] = []
    for a in 0..<variant.size {
      for b in a..<variant.size {
        let row = variant.row(a, b)
        counts.append(row?.count ?? 0)
        value.append(row?.value.map(Self.shortened))
        low.append(row?.low.map(Self.shortened))
        high.append(row?.high.map(Self.shortened))
        known.append(row == nil ? 0 : 1)
        nulls.append(variant.null(a, b))
      }
    }
    let hasNull = nulls.contains { $0 != nil }
    variants.append(
      Variant(
        id: identifier, label: variant.longLabel, quantity: variant.quantity, estimator: variant.estimator,
        stores: variant.stores.map { Variant.Store(name: $0.name, taps: $0.taps) },
        n: variant.commonCount.map { [$0] } ?? counts, value: value, low: variant.hasIntervals ? low : [],
        high: variant.hasIntervals ? high : [], known: known.contains(0) ? known : [],
        chance: hasNull
          ? Chance(
            low: nulls.map { $0?.low.map(Self.shortened) }, high: nulls.map { $0?.high.map(Self.shortened) },
            p: nulls.map { $0?.pValue }, adjusted: nulls.map { $0?.adjusted }) : nil))
  }

  mutating func add(_ figure: Figure, of content: ReportFigure, variant: String) {
    guard !figure.regions.isEmpty, !content.panels.isEmpty else { return }
    let panels = figure.regions.map { region in
      Panel(
        rows: content.panels[region.panel].rows, columns: content.panels[region.panel].columns, x: region.columns,
        y: region.rows, cell: [region.cell, region.height])
    }
    figures.append(
      HeatMap(
        id: content.name, variant: variant, width: figure.scene.size.width, height: figure.scene.size.height,
        panels: panels))
  }

  /// Six decimals: the page prints four, the CSV has all.
  private static func shortened(_ value: Double) -> Double { (value * 1e6).rounded() / 1e6 }

  /// As the content of a script element.
  func scriptText() throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return Escaping.scriptData(try encoder.encode(self))
  }
}
