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
      for (file, picture) in record.files.sorted(by: { EntryName.precedes($0.key, $1.key) }) {
        let place = "\(name)-pictures/\((file as NSString).lastPathComponent)"
        places[file] = place
        let data = try PNGWriter.encode(rgba: picture.pixels, width: picture.width, height: picture.height)
        files.append((place, Data(data)))
      }
    }
    let numbers = content.numbers(pictures: (record.pictures ?? []).map { $0.flatMap { places[$0] } })
    files.append(("\(name).csv", Data(numbers.commaSeparated.utf8)))
    for export in exports {
      switch export {
      case .matplotlib: files.append(("\(name).py", Data(try Self.script(numbers, name: name).utf8)))
      case .pgf: files.append(("\(name).pgf.tex", Data(PlotDrawing(numbers).text.utf8)))
      }
    }
    return files
  }

  private static func script(_ numbers: FigureNumbers, name: String) throws -> String {
    let function = PythonDrawing.function(numbers.facts.form)
    return """
      #!/usr/bin/env python3
      # Draws the numbers of a figure of Palimpsest from the table beside this script; needs numpy and matplotlib.
      import csv
      from pathlib import Path

      import matplotlib.pyplot as plt
      import numpy

      FACTS = \(try PythonDrawing.facts(numbers.facts))


      \(function.text)


      here = Path(__file__).resolve()
      with open(here.with_suffix(".csv"), newline="", encoding="utf-8") as file:
          table = list(csv.DictReader(file))
      \(function.name)(table, FACTS, here.parent).savefig(here.with_name(here.stem + "-matplotlib.pdf"))

      """
  }
}
