import Results

extension Tokens {
  public struct Result: Sendable {
    /// Stores in the order given, taps as the store has them.
    public let taps: [Tap]
    public let condition: String
    /// Paths of the images that were used, and of those that have maps.
    public let images: [String]
    public let mapped: [String]
    public let leftOut: [LeftOutImage]
    public let notes: [String]
    let hasIntervals: Bool

    private func labels(_ tap: Tap) -> [String] { [tap.name.store, condition, tap.name.tap] }

    /// The rows of `tokens.csv`.
    public var rows: [EstimateRow] {
      taps.flatMap { tap -> [EstimateRow] in
        func row(_ metric: TokenMetric, _ values: [Double]) -> EstimateRow {
          EstimateRow(
            labels: labels(tap) + [metric.rawValue], MeanEstimate(values, hasInterval: hasIntervals))
        }
        func row(_ metric: TokenMetric, _ value: Double) -> EstimateRow {
          EstimateRow(labels: labels(tap) + [metric.rawValue], value: value, low: nil, high: nil, n: images.count)
        }
        return [
          row(.norm, tap.norms), row(.outlierShare, tap.outlierShares), row(.outlierNorm, tap.outlierNorm),
          row(.explained, tap.shares.reduce(0) { $0 + $1.tap }),
        ]
      }
    }

    public var table: TidyTable { EstimateRow.table(.tokens, rows) }

    public var imageTable: TidyTable {
      var table = TidyTable(.tokenImages)
      for tap in taps {
        for (image, path) in images.enumerated() {
          for (metric, series) in [(TokenMetric.norm, tap.norms), (.outlierShare, tap.outlierShares)] {
            table.append((labels(tap) + [path, metric.rawValue]).map { .text($0) } + [.real(series[image])])
          }
        }
      }
      return table
    }

    public var componentTable: TidyTable {
      var table = TidyTable(.tokenComponents)
      for tap in taps {
        for (place, share) in tap.shares.enumerated() {
          table.append(
            labels(tap).map { .text($0) } + [
              .integer(tap.channels), .integer(tap.basis + 1), .integer(place + 1), .real(share.basis),
              .real(share.tap),
            ])
        }
      }
      return table
    }

    /// As many digits as a number in single precision has, which features are.
    private static func short(_ value: Double) -> Double { Double("\(Float(value))") ?? value }

    public var mapTable: TidyTable {
      var table = TidyTable(.tokenMaps)
      for tap in taps {
        for (path, tokens) in zip(mapped, tap.maps) {
          for token in tokens {
            let components = (0..<Tokens.components).map { place in
              TidyTable.Field.real(token.components.indices.contains(place) ? Self.short(token.components[place]) : nil)
            }
            table.append(
              (labels(tap) + [path]).map { .text($0) } + [
                .integer(token.row), .integer(token.column), .real(Self.short(token.norm)),
                .integer(token.isOutlier ? 1 : 0),
              ] + components)
          }
        }
      }
      return table
    }
  }
}
