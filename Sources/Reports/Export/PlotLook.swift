import Figures

/// How a series looks, as options of pgfplots.
struct PlotLook {
  /// Colours that the options name.
  let definitions: [String]
  let color: String
  /// The pattern of the line; empty for solid.
  let dash: String
  /// The point and its filling.
  let mark: String
  /// The filling of a bar.
  let bar: String

  /// Of a series; the first of the traces that are not known by their names goes by its index.
  init(_ facts: FigureNumbers.Facts, panel: String, name: String, index: Int) {
    let plain = ["0072b2", "d55e00", "009e73", "cc79a7", "e69f00", "56b4e9", "000000"]
    if let trace = facts.traces?.first(where: { $0.panel == panel && $0.name == name }) {
      self.init(trace)
    } else {
      self.init(color: plain[index % plain.count], dash: [], marker: "o", filling: "full")
    }
  }

  init(_ trace: FigureNumbers.Trace) {
    self.init(
      color: String(trace.color.drop { $0 == "#" }), dash: trace.dash, marker: trace.marker, filling: trace.filling)
  }

  private init(color: String, dash: [Double], marker: String, filling: String) {
    let name = "palimpsest\(color.lowercased())"
    definitions = ["\\definecolor{\(name)}{HTML}{\(color.uppercased())}"]
    self.color = name
    self.dash =
      dash.isEmpty
      ? "" : "dash pattern=" + dash.enumerated().map { "\($0 % 2 == 0 ? "on" : "off") \($1)pt" }.joined(separator: " ")
    let shapes = [
      "o": "*", "s": "square*", "^": "triangle*", "D": "diamond*", "v": "triangle*", "P": "halfsquare*",
      "p": "pentagon*", "*": "star",
    ]
    let face = ["hollow": "white", "tinted": "\(name)!40"][filling] ?? name
    mark =
      "mark=\(shapes[marker] ?? "*"), mark size=1.2pt, mark options={solid, fill=\(face)\(marker == "v" ? ", rotate=180" : "")}"
    bar = "fill=\(face)"
  }
}
