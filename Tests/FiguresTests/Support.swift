import Figures
import Foundation

/// Measures text as if every character were 0.55 sizes wide: close to Liberation Sans, and without fonts.
struct EvenMeasurer: TextMeasuring {
  func extent(of run: TextRun) -> TextExtent {
    TextExtent(width: Double(run.text.count) * 0.55 * run.size, ascent: 0.8 * run.size, descent: 0.2 * run.size)
  }
}

/// The styles of the repository.
func repositoryStyle(_ name: String) throws -> FigureStyle {
  let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().appendingPathComponent("templates/styles/\(name).json")
  return try JSONDecoder().decode(FigureStyle.self, from: Data(contentsOf: file))
}

let styleNames = ["tmlr", "neurips", "iclr", "icml", "cvpr", "poster", "slide"]

/// Taps as the four families have them.
enum Family: String, CaseIterable {
  case detr = "DETR-R50"
  case vit = "ViT-B/16"
  case deit = "DeiT III-B"
  case swin = "Swin-B"

  var block: HeatMapBlock { HeatMapBlock(name: rawValue, labels: taps) }

  var taps: [String] {
    switch self {
    case .detr:
      (1...4).map { "backbone.layer\($0)" } + ["projection"] + (0..<6).map { "encoder.\($0)" }
        + (0..<6).map { "decoder.\($0)" } + ["logits", "boxes"]
    case .vit, .deit: ["embed"] + (0..<12).map { "block.\($0)" } + ["norm", "logits"]
    case .swin:
      ["embed"]
        + [2, 2, 18, 2].enumerated().flatMap { stage, blocks in
          (0..<blocks).map { "stage.\(stage).block.\($0)" } + ["stage.\(stage)"]
        } + ["norm", "logits"]
    }
  }
}

/// Similar neighbours, a seam in the middle, some values below zero: the shape of CKA.
func valuesLikeCKA(rows: Int, columns: Int) -> [Double?] {
  (0..<rows * columns).map { index in
    let (row, column) = (Double(index / columns) / Double(rows), Double(index % columns) / Double(columns))
    return 1.1 - 1.3 * (row - column).magnitude - 0.1
  }
}

func description(_ title: String) -> FigureDescription {
  FigureDescription(kind: "test", title: title, caption: "", alternativeText: "")
}

func figureOf(_ maps: [HeatMap], annotations: HeatMap.Annotations = .automatic) -> HeatMapFigure {
  HeatMapFigure(
    maps: maps.map {
      var map = $0
      map.annotations = annotations
      return map
    }, colorMap: .viridis, valueLabel: "Linear CKA (debiased)", description: description("test"))
}

func square(_ labels: [String], name: String = "model") -> HeatMap {
  let block = HeatMapBlock(name: name, labels: labels)
  return HeatMap(
    rows: [block], columns: [block], values: valuesLikeCKA(rows: labels.count, columns: labels.count))
}

/// All families against all.
func allModels() -> HeatMap {
  let blocks = Family.allCases.map(\.block)
  let count = blocks.reduce(0) { $0 + $1.labels.count }
  return HeatMap(rows: blocks, columns: blocks, values: valuesLikeCKA(rows: count, columns: count))
}

/// One panel a family.
func withinModels() -> [HeatMap] {
  Family.allCases.map { family in
    var map = square(family.taps, name: family.rawValue)
    map.title = family.rawValue
    map.showsBlockNames = false
    return map
  }
}

/// Every kind of heat map a report may meet, by name.
let heatMapCases: [(name: String, maps: [HeatMap])] = [
  ("one cell", [square(["embed"])]), ("four", [square(["embed", "block.0", "norm", "logits"])]),
  ("sixty", [square((0..<60).map { "block.\($0)" })]), ("all models", [allModels()]), ("within", withinModels()),
  (
    "long labels",
    [
      square(
        (0..<7).map { "transformer.encoder_layers.a_very_long_name_of_a_users_own_hook.block.\($0)" },
        name: "a model with a name that nobody would ever put on the axis of a figure, yet here it is")
    ]
  ),
  (
    "many small blocks",
    [
      HeatMap(
        rows: (0..<9).map { HeatMapBlock(name: "store number \($0)", labels: ["x"]) },
        columns: (0..<9).map { HeatMapBlock(name: "store number \($0)", labels: ["x"]) },
        values: valuesLikeCKA(rows: 9, columns: 9))
    ]
  ),
  (
    "all missing",
    [
      HeatMap(
        rows: [Family.swin.block], columns: [Family.vit.block], values: Array(repeating: nil, count: 31 * 15))
    ]
  ),
  (
    "constant",
    [
      HeatMap(
        rows: [Family.vit.block], columns: [Family.vit.block], values: Array(repeating: 1, count: 225))
    ]
  ),
]
