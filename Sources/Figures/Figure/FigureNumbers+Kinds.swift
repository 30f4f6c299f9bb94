extension LineFigure {
  public func numbers(pictures: [String?], style: FigureStyle) -> FigureNumbers {
    let hasOwnAxes = panels.contains { $0.valueLabel != nil || $0.range != nil }
    let facts = FigureNumbers.Facts(
      form: .line, title: description.title, x: axisTitle ?? "", y: hasOwnAxes ? "" : valueLabel,
      yIsLogarithmic: scale == .logarithmic, levels: [reference].compactMap { $0 }, sharesScale: !hasOwnAxes,
      traces: FigureNumbers.Trace.of(
        panels.map { panel in
          (title(panel, hasOwnAxes: hasOwnAxes), panel.series.map { ($0.name, $0.look) })
        }, style: style), legend: FigureNumbers.Trace.legend(legend, style: style))
    return FigureNumbers(facts, points: panels.flatMap { points($0, hasOwnAxes: hasOwnAxes) })
  }

  private func title(_ panel: Panel, hasOwnAxes: Bool) -> String {
    [panel.title, hasOwnAxes ? panel.valueLabel ?? valueLabel : ""].filter { !$0.isEmpty }.joined(separator: ": ")
  }

  private func points(_ panel: Panel, hasOwnAxes: Bool) -> [FigureNumbers.Point] {
    let title = title(panel, hasOwnAxes: hasOwnAxes)
    // Heads stand behind the last layer of the panel, one beside the other.
    let joined = panel.extent == nil ? panel.labels.count - panel.detachedCount : 0
    let last = panel.extent?.max() ?? panel.positions?.max() ?? Double(joined - 1)
    let step = panel.extent.map { (($0.max() ?? 0) - ($0.min() ?? 0)) * 0.1 } ?? 1
    return panel.series.flatMap { series -> [FigureNumbers.Point] in
      let layers = series.values.count - panel.detachedCount
      return series.values.indices.map { place -> FigureNumbers.Point in
        let isDetached = place >= layers
        let label = isDetached ? panel.labels.count - panel.detachedCount + place - layers : place
        let hasLabel =
          (isDetached || panel.extent == nil && series.places == nil) && panel.labels.indices.contains(label)
        let own = series.places.flatMap { $0.indices.contains(place) ? $0[place] : nil }
        let named = panel.positions.flatMap { $0.indices.contains(place) ? $0[place] : nil }
        return FigureNumbers.Point(
          panel: title, series: series.name,
          x: isDetached ? last + step * Double(place - layers + 1) : own ?? named ?? Double(place),
          name: hasLabel ? panel.labels[label] : "", y: series.values[place], low: series.low[place],
          high: series.high[place], isJoined: place > 0 && !isDetached,
          isLeap: place > 0 && !isDetached && series.leaps?[place] ?? false)
      }
    }
  }
}

extension BarFigure {
  public func numbers(pictures: [String?], style: FigureStyle) -> FigureNumbers {
    FigureNumbers(
      FigureNumbers.Facts(
        form: .bars, title: description.title, y: valueLabel,
        traces: FigureNumbers.Trace.of(
          panels.map { panel in (panel.title, panel.series.map { ($0.name, $0.look) }) }, style: style)),
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

extension ForestFigure {
  public func numbers(pictures: [String?], style: FigureStyle) -> FigureNumbers {
    let hasOneLabel = fields.count == 1
    let facts = FigureNumbers.Facts(
      form: .forest, title: description.title, y: hasOneLabel ? fields[0].axis.label : "",
      yIsLogarithmic: fields.contains { $0.axis.scale == .logarithmic },
      levels: hasOneLabel ? [fields[0].reference].compactMap { $0 } : [], sharesScale: hasOneLabel,
      traces: FigureNumbers.Trace.of(
        fields.map { field in
          (
            hasOneLabel ? "" : field.axis.label,
            groups.map { ($0.title, $0.rows.first?.look ?? SeriesLook(color: nil, shape: 0)) }
          )
        }, style: style))
    return FigureNumbers(
      facts,
      points: fields.enumerated().flatMap { index, field -> [FigureNumbers.Point] in
        var line = -1.0
        return groups.flatMap { group in
          group.rows.map { row -> FigureNumbers.Point in
            line += 1
            let estimate = row.estimates[index]
            return FigureNumbers.Point(
              panel: hasOneLabel ? "" : field.axis.label, series: group.title, x: line, name: row.label,
              y: estimate.value, low: estimate.low, high: estimate.high, isJoined: false)
          }
        }
      })
  }
}

extension DistributionFigure {
  public func numbers(pictures: [String?], style: FigureStyle) -> FigureNumbers {
    FigureNumbers(
      FigureNumbers.Facts(
        form: .distributions, title: description.title, y: vertical.label,
        yIsLogarithmic: vertical.scale == .logarithmic,
        traces: FigureNumbers.Trace.of(
          panels.map { panel in (panel.title, panel.series.map { ($0.name, $0.look) }) }, style: style),
        legend: FigureNumbers.Trace.legend(legend, style: style)),
      points: panels.flatMap { panel in
        panel.series.flatMap { series in
          series.samples.enumerated().flatMap { group, sample in
            (sample?.values ?? []).map { value in
              FigureNumbers.Point(
                panel: panel.title, series: series.name, x: Double(group), name: panel.groups[group], y: value,
                isJoined: false)
            }
          }
        }
      })
  }
}

extension PlotFigure {
  public func numbers(pictures: [String?], style: FigureStyle) -> FigureNumbers {
    let facts = FigureNumbers.Facts(
      form: mark == .points ? .points : .line, title: description.title, x: horizontal.label, y: vertical.label,
      xIsLogarithmic: horizontal.scale == .logarithmic, yIsLogarithmic: vertical.scale == .logarithmic, levels: levels,
      traces: FigureNumbers.Trace.of(
        panels.map { panel in (panel.title, panel.series.map { ($0.name, $0.look) }) }, style: style),
      legend: FigureNumbers.Trace.legend(legend, style: style))
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
  public func numbers(pictures: [String?], style: FigureStyle) -> FigureNumbers {
    FigureNumbers(
      FigureNumbers.Facts(
        form: .polar, title: description.title, y: valueLabel,
        traces: FigureNumbers.Trace.of(
          panels.map { panel in (panel.title, panel.series.map { ($0.name, nil) }) }, style: style)),
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
  public func numbers(pictures: [String?], style: FigureStyle) -> FigureNumbers {
    let range = maps.first.map { [$0.range.lowerBound, $0.range.upperBound] }
    return FigureNumbers(
      FigureNumbers.Facts(
        form: .matrix, title: description.title, y: valueLabel, range: range, colorMap: colorMap.name),
      maps: maps.enumerated().map { ($1.title ?? "\($0 + 1)", $1) })
  }
}

extension ImageGridFigure {
  public func numbers(pictures: [String?], style: FigureStyle) -> FigureNumbers {
    FigureNumbers(
      FigureNumbers.Facts(form: .pictures, title: description.title), panels: panels, files: pictures)
  }
}
