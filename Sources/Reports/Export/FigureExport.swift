import Figures
import FiguresCairo
import Foundation

/// A program that draws a figure once more from its numbers.
public enum FigureExport: String, Sendable, CaseIterable {
  /// `NAME.py`, a script that reads `NAME.csv` beside it.
  case matplotlib
  /// `NAME.pgf.tex`, for `\input` in a paper with pgfplots.
  case pgf
}

extension ReportFigure {
  /// The numbers of the figure and what draws them again, by the names of the files.
  /// - Parameters:
  ///   - name: of the files, without an ending.
  ///   - exports: which programs; the table of the numbers is always there, pictures where a program needs them.
  public func exported(as name: String, _ exports: [FigureExport], style: FigureStyle) throws -> [(
    name: String, data: Data
  )] {
    let record = self.record(style: style)
    var files: [(name: String, data: Data)] = []
    var places: [String: String] = [:]
    if !exports.isEmpty {
      // Numbered as they are met, from left to right and from top to bottom.
      for case let file? in record.pictures ?? [] where places[file] == nil {
        guard let picture = record.files[file] else { continue }
        let number = "\(places.count + 1)"
        let place = "\(name)-pictures/\(String(repeating: "0", count: max(0, 4 - number.count)))\(number).png"
        places[file] = place
        let data = try PNGWriter.encode(rgba: picture.pixels, width: picture.width, height: picture.height)
        files.append((place, Data(data)))
      }
    }
    let numbers = content.numbers(
      pictures: (record.pictures ?? []).map { $0.flatMap { places[$0] } }, style: style)
    files.append(("\(name).csv", Data(numbers.commaSeparated.utf8)))
    // The table of a grid names its pictures; what they show in numbers is a table of its own.
    if record.hasPictures, !data.isEmpty { files.append(("\(name)-values.csv", Data(data.utf8))) }
    for export in exports {
      switch export {
      case .matplotlib: files.append(("\(name).py", Data(try Self.script(numbers, name: name).utf8)))
      case .pgf: files.append(("\(name).pgf.tex", Data(Self.drawing(numbers).utf8)))
      }
    }
    return files
  }

  /// A picture of TikZ, or one for each part.
  private static func drawing(_ numbers: FigureNumbers) -> String {
    guard !numbers.parts.isEmpty else { return PlotDrawing(numbers).text }
    return zip(numbers.letters, numbers.parts).map { "% (\($0))\n" + PlotDrawing($1).text }.joined(separator: "\n")
  }

  private static func script(_ numbers: FigureNumbers, name: String) throws -> String {
    let isComposed = !numbers.parts.isEmpty
    let functions = (isComposed ? numbers.parts : [numbers]).map { PythonDrawing.function($0.facts.form) }
    let texts = functions.flatMap(\.texts).reduce(into: [String]()) { if !$0.contains($1) { $0.append($1) } }
    let drawing =
      isComposed
      ? """
      draws = [\(functions.map(\.name).joined(separator: ", "))]
      for letter, draw, facts in zip([\(numbers.letters.map { "\"\($0)\"" }.joined(separator: ", "))], draws, FACTS["traces_parts"]):
          rows = [row for row in table if row["part"] == letter]
          draw(rows, facts, here.parent).savefig(here.with_name(f"{here.stem}-{letter}-matplotlib.pdf"))
      """
      : """
      \(functions[0].name)(table, FACTS, here.parent).savefig(here.with_name(here.stem + "-matplotlib.pdf"))
      """
    return """
      #!/usr/bin/env python3
      # Draws the numbers of a figure of Palimpsest from the table beside this script; needs numpy and matplotlib.
      import csv
      from pathlib import Path

      import matplotlib.colors
      import matplotlib.lines
      import matplotlib.pyplot as plt
      import numpy

      FACTS = \(try PythonDrawing.facts(numbers.facts))


      \(texts.joined(separator: "\n\n\n"))


      here = Path(__file__).resolve()
      with open(here.with_suffix(".csv"), newline="", encoding="utf-8") as file:
          table = list(csv.DictReader(file))
      \(drawing)

      """
  }
}
