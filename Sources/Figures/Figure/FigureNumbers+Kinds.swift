extension LineFigure {
  public func numbers(pictures: [String?]) -> FigureNumbers {
    let facts = FigureNumbers.Facts(
      form: .line, title: description.title, y: valueLabel, levels: [reference].compactMap { $0 })
    return FigureNumbers(
      facts,
      points: panels.flatMap { panel in
        panel.series.flatMap { series in
          series.values.indices.map { place in
            let isDetached = place >= panel.labels.count - panel.detachedCount
            return FigureNumbers.Point(
              panel: panel.title, series: series.name, x: Double(place), name: panel.labels[place],
              y: series.values[place], low: series.low[place], high: series.high[place],
              isJoined: place > 0 && !isDetached)
          }
        }
      })
  }
}

extension BarFigure {
  public func numbers(pictures: [String?]) -> FigureNumbers {
    FigureNumbers(
      FigureNumbers.Facts(form: .bars, title: description.title, y: valueLabel),
      points: panels.flatMap { panel in
        panel.series.flatMap { series in
          series.values.indices.map { place in
            FigureNumbers.Point(
              panel: panel.title, series: series.name, x: Double(place), name: panel.groups[place],
              y: series.values[place], low: series.low[place], high: series.high[place], isJoined: false)
          }
        }
      })
  }
}

extension PlotFigure {
  public func numbers(pictures: [String?]) -> FigureNumbers {
    let facts = FigureNumbers.Facts(
      form: mark == .points ? .points : .line, title: description.title, x: horizontal.label, y: vertical.label,
      xIsLogarithmic: horizontal.scale == .logarithmic, yIsLogarithmic: vertical.scale == .logarithmic, levels: levels)
    return FigureNumbers(
      facts,
      points: panels.flatMap { panel in
        panel.series.flatMap { series in
          series.x.indices.map { place in
            FigureNumbers.Point(
              panel: panel.title, series: series.name, x: series.x[place],
              name: series.labels.isEmpty ? "" : series.labels[place], y: series.y[place], low: series.low[place],
              high: series.high[place], isJoined: mark != .points && place > 0)
          }
        }
      })
  }
}

extension PolarFigure {
  public func numbers(pictures: [String?]) -> FigureNumbers {
    FigureNumbers(
      FigureNumbers.Facts(form: .polar, title: description.title, y: valueLabel),
      points: panels.flatMap { panel in
        panel.series.flatMap { series in
          series.angles.indices.map { place in
            FigureNumbers.Point(
              panel: panel.title, series: series.name, x: series.angles[place], name: "", y: series.values[place],
              low: series.low[place], high: series.high[place], isJoined: place > 0)
          }
        }
      })
  }
}

extension HeatMapFigure {
  public func numbers(pictures: [String?]) -> FigureNumbers {
    let range = maps.first.map { [$0.range.lowerBound, $0.range.upperBound] }
    return FigureNumbers(
      FigureNumbers.Facts(
        form: .matrix, title: description.title, y: valueLabel, range: range, colorMap: colorMap.name),
      maps: maps.enumerated().map { ($1.title ?? "\($0 + 1)", $1) })
  }
}

extension ImageGridFigure {
  public func numbers(pictures: [String?]) -> FigureNumbers {
    FigureNumbers(
      FigureNumbers.Facts(form: .pictures, title: description.title), panels: panels, files: pictures)
  }
}
