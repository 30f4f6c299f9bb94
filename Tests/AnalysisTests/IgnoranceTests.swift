import Analysis
import Results
import Testing

/// A decoder that knows nothing scores nothing; one that gives back a part scores that part. `scripts/check_ignorance.py` does
/// the same at length, with the scenes of `palimpsest scenes`.
struct IgnoranceTests {
  let store: DecoderStore

  init() throws { store = try DecoderStore() }

  /// Whether a value is where it should be: exactly, or within its interval, which errs one time in twenty and is taken half as wide
  /// again. Figures that are all the same have no interval.
  private func isWithin(_ row: EstimateRow, of wanted: Double) throws -> Bool {
    let value = try #require(row.value)
    if value == wanted { return true }
    let (low, high) = (try #require(row.low), try #require(row.high))
    return abs(value - wanted) <= 0.75 * (high - low) + 0.01
  }

  @Test func contextProbesGiveAnIgnorantDecoderNothing() throws {
    var settings = Shape.Settings()
    settings.selection.conditions = ["erase", "gray", "swap"]
    settings.selection.bootstrap = 200
    let rows = try Shape.analyze([store.pixels], settings: settings).rows.filter { $0.labels[3] == "changed" }
    func row(_ condition: String, _ decoder: String, _ metric: ProbeMetric) throws -> EstimateRow {
      try #require(
        rows.first { $0.labels == ["decoders", condition, decoder, "changed", "all", metric.rawValue] })
    }
    for condition in ["erase", "gray", "swap"] {
      for decoder in DecoderStore.ignorant {
        for metric in [ProbeMetric.returnedExcess, .returnedShown] {
          let found = try row(condition, decoder, metric)
          #expect(try isWithin(found, of: 0), "\(found)")
        }
        // What is there again is what the other images' reconstructions have of it.
        let (own, chance) = (
          try row(condition, decoder, .returned), try row(condition, decoder, .returnedShuffled)
        )
        #expect(try isWithin(own, of: try #require(chance.value)), "\(own), \(chance)")
      }
      for decoder in ["probe", "blurred"] {
        let found = try row(condition, decoder, .returnedExcess)
        let value = try #require(found.value)
        #expect(abs(value) < 0.02, "\(found)")
      }
      for metric in [ProbeMetric.returned, .returnedExcess] {
        let (half, whole) = (try row(condition, "half", metric), try row(condition, "original", metric))
        let (halfValue, wholeValue) = (try #require(half.value), try #require(whole.value))
        #expect(abs(halfValue - 0.5) < 0.02, "\(half)")
        #expect(abs(wholeValue - 1) < 1e-6, "\(whole)")
      }
      let shown = try #require(try row(condition, "half", .returnedShown).value)
      #expect(abs(shown - 1) < 1e-6)
    }
  }

  @Test func sharesOfColorGiveAnIgnorantDecoderNothing() throws {
    var settings = ColorResponse.Settings()
    settings.selection.conditions = ["permute-gbr", "gray"]
    settings.selection.bootstrap = 200
    let rows = try ColorResponse.analyze([store.pixels], settings: settings).recovery
    func row(_ condition: String, _ decoder: String, _ region: String, _ metric: String) -> EstimateRow? {
      rows.first { $0.labels == ["decoders", condition, decoder, region, metric] }
    }
    var compared = 0
    for region in ["image", "object", "background"] {
      for condition in ["original", "permute-gbr", "gray"] {
        for decoder in DecoderStore.ignorant {
          for metric in [RecoveryMetric.carried, .shown, .usual, .other] {
            guard let found = row(condition, decoder, region, metric.rawValue) else { continue }
            compared += 1
            let chance = metric == .other ? 1.0 : 0
            #expect(try isWithin(found, of: chance), "\(found)")
            let shuffled = try #require(row(condition, decoder, region, metric.rawValue + "_shuffled"))
            let level = try #require(shuffled.value)
            #expect(abs(level - chance) < 0.02, "\(shuffled)")
          }
          if let fit = row(condition, decoder, region, "fit") {
            // Of n images less their mean R² is about 1/(n − 1) where there is nothing, here 0.03.
            #expect((fit.value ?? 1) < 0.05, "\(fit)")
          }
        }
      }
      func value(_ decoder: String, _ metric: RecoveryMetric) throws -> Double {
        try #require(row("permute-gbr", decoder, region, metric.rawValue)?.value)
      }
      for (decoder, shown, usual) in [("probe", 1.0, 0.0), ("original", 0.0, 1.0)] {
        let wanted: [(RecoveryMetric, Double)] = [
          (.shown, shown), (.usual, usual), (.other, 0), (.fit, 1), (.carried, shown),
        ]
        for (metric, wanted) in wanted {
          let found = try value(decoder, metric)
          #expect(abs(found - wanted) < 1e-4, "\(decoder), \(region), \(metric): \(found)")
        }
      }
      // Half-way in pixels is not quite half-way in CIELAB.
      for metric in [RecoveryMetric.shown, .usual] {
        let found = try value("half", metric)
        #expect(abs(found - 0.5) < 0.1, "\(region), \(metric): \(found)")
      }
    }
    #expect(compared > 60)
  }
}
