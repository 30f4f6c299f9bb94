import Activations
import Formats
import Results
import Torch

extension ClassPlaces {
  /// What is measured of the picture of a class at a place.
  public typealias Metric = PlacementMetric

  /// What the row over all classes is called.
  public static let allClasses = "all"

  /// `places.csv`.
  public static func table(_ rows: [EstimateRow]) -> TidyTable {
    EstimateRow.table(.placements, rows)
  }

  /// Measures the pictures that came back from ``rows``.
  ///
  /// - Parameters:
  ///   - name: the store's in the tables.
  ///   - back: a store with a reconstruction from ``taps`` for each of ``rows``.
  ///   - model: the detector, where the pictures are to be shown to it.
  ///   - visit: takes each picture's figures.
  ///   - note: takes what a reader of the table should know.
  /// - Returns: means over places of each class, and over all pictures; without intervals, for places are a fixed grid and no
  ///   random sample.
  public func measure(
    name: String, _ back: FeatureStore, model: (any ObservingModel)? = nil,
    visit: (ImageValue) throws -> Void = { _ in }, note: (String) -> Void = { _ in }
  ) throws -> [EstimateRow] {
    guard let size = try back.reconstructionSize(), back.imagePaths == rows.map(\.name) else {
      throw AnalysisError(.badInput, "\(back.path) does not hold the pictures of classes at places; make it again")
    }
    let (height, width) = (size.height, size.width)
    func picture(_ row: Int) throws -> RGBPixels {
      RGBPixels(
        height: height, width: width, bytes: try back.readReconstruction(tap: ClassPlaces.taps.boxes, row: row))
    }
    let empty = try picture(0)
    var series = Metric.allCases.map { _ in ImageSeries(count: classes.count * places.count) }
    for (place, shown) in places.enumerated() {
      let part = PixelPart(shown.box, height: height, width: width)
      let pictures = try classes.indices.map { try picture(row($0, place)) }
      let crops = pictures.map(part.crop)
      let emptyCrop = part.crop(empty)
      for label in classes.indices {
        let slot = label * places.count + place
        let inside = ColorDifference.mean(crops[label], emptyCrop)
        series[0][slot] = inside
        series[1][slot] = part.outside(inside, of: ColorDifference.mean(pictures[label], empty))
        series[2][slot] = part.share(
          PixelError.squared(crops[label], emptyCrop), of: PixelError.squared(pictures[label], empty))
        let others = classes.indices.filter { $0 != label }.map { ColorDifference.mean(crops[label], crops[$0]) }
        series[3][slot] = others.isEmpty ? nil : others.reduce(0, +) / Double(others.count)
      }
    }
    if let model { series[4] = try overlaps(model, back, height: height, width: width) }
    for (metric, values) in zip(Metric.allCases, series) {
      guard let first = values.failures.min() else { continue }
      note(
        "\(metric.rawValue) of \(name): \(values.failures.count) of \(values.count) pictures are left out because the model gives "
          + "numbers that are not finite for them, the first: \(rows[first + 1].name); check its weights with palimpsest verify"
      )
    }
    for label in classes.indices {
      for (place, shown) in places.enumerated() {
        let labels =
          [name, classes[label].name, shown.name, "\(shown.query)"]
          + [shown.box.centerX, shown.box.centerY, shown.box.width, shown.box.height].map { "\($0)" }
        for (metric, values) in zip(Metric.allCases, series) {
          guard let value = values[label * places.count + place] else { continue }
          try visit(ImageValue(labels: labels + [metric.rawValue], value: value))
        }
      }
    }
    return estimates(series, name)
  }

  /// How well the detector finds in each picture what was asked for; gaps where it is none.
  private func overlaps(
    _ model: any ObservingModel, _ back: FeatureStore, height: Int, width: Int
  ) throws -> ImageSeries {
    var series = ImageSeries(count: classes.count * places.count)
    guard let taps = model.detectionTaps else { return series }
    for some in pieces(of: 1..<rows.count, size: ModelComparison.batch) {
      let bytes = try some.flatMap { try back.readReconstruction(tap: ClassPlaces.taps.boxes, row: $0) }
      let seen = try model.features(
        of: Tensor(bytes, shape: [some.count, height, width, 3]), rows: Array(some), taps: [taps.scores, taps.boxes])
      guard let scores = seen[taps.scores], let boxes = seen[taps.boxes] else { return series }
      let found = try Detection.found(scores: scores, boxes: boxes, confidence: confidence)
      for (row, objects) in zip(some, found) {
        guard let shown = rows[row].place else { continue }
        guard let objects else {
          series[row - 1] = .nan
          continue
        }
        let own = objects.filter { $0.label == classes[shown.label].number }
        series[row - 1] = own.map { $0.box.overlap(with: places[shown.place].box) }.max() ?? 0
      }
    }
    return series
  }

  private func estimates(_ series: [ImageSeries], _ name: String) -> [EstimateRow] {
    func rows(_ series: [ImageSeries], _ label: String) -> [EstimateRow] {
      zip(Metric.allCases, series).compactMap { metric, values in
        let present = values.present
        return present.isEmpty
          ? nil
          : EstimateRow(
            labels: [name, label, metric.rawValue], MeanEstimate(present, hasInterval: false))
      }
    }
    let own = classes.indices.flatMap { label in
      let narrowed = series.map { values in
        var one = ImageSeries(count: places.count)
        for place in places.indices { one[place] = values[label * places.count + place] }
        return one
      }
      return rows(narrowed, classes[label].name)
    }
    return own + rows(series, ClassPlaces.allClasses)
  }
}

/// The pixels of a picture whose centres lie in a box; at least one.
struct PixelPart {
  let rows: Range<Int>
  let columns: Range<Int>
  private let pixels: Int

  init(_ box: Detection.Box, height: Int, width: Int) {
    func range(_ low: Double, _ high: Double, _ count: Int) -> Range<Int> {
      let first = max(0, min(count - 1, Int((low * Double(count)).rounded())))
      return first..<max(first + 1, min(count, Int((high * Double(count)).rounded())))
    }
    rows = range(box.top, box.bottom, height)
    columns = range(box.left, box.right, width)
    pixels = height * width
  }

  /// The box alone.
  func crop(_ picture: RGBPixels) -> RGBPixels {
    RGBPixels(
      height: rows.count, width: columns.count,
      bytes: rows.flatMap { row in
        picture.bytes[(row * picture.width + columns.lowerBound) * 3..<(row * picture.width + columns.upperBound) * 3]
      })
  }

  private var inside: Double { Double(rows.count * columns.count) }

  /// The mean over all other pixels, from the means over the box and over all; nil where the box is all.
  func outside(_ mean: Double, of whole: Double) -> Double? {
    let rest = Double(pixels) - inside
    return rest > 0 ? max(0, (whole * Double(pixels) - mean * inside) / rest) : nil
  }

  /// The share of a sum that lies in the box, from the means over the box and over all; nil where the sum is 0.
  func share(_ mean: Double, of whole: Double) -> Double? {
    whole > 0 ? min(1, mean * inside / (whole * Double(pixels))) : nil
  }
}
