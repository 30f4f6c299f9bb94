import Results

/// Edges of an image and how far every pixel is from them.
struct EdgeMap {
  let edges: [UInt8]
  /// Squared, in pixels.
  let distances: [Float]

  init(_ image: RGBPixels) {
    edges = Canny.edges(image)
    distances = DistanceMap.squared(to: edges, height: image.height, width: image.width)
  }
}

/// Structure of a reconstruction by group and region.
struct ShapeMeasure {
  let input: EdgeMap
  let output: EdgeMap
  /// SSIM of each pixel; nil where the image is too small for its window.
  let similarity: [Float]?
  let tolerance: Float

  /// Regions of fewer pixels have no figure.
  static let leastPixels = 16

  /// Counts of one region.
  private struct Counts {
    var pixels = 0
    var similarity = 0.0
    /// Edge pixels of each, and those that the other has too.
    var (output, outputMatched, input, inputMatched) = (0, 0, 0, 0)
    /// Edge pixels near a contour, contour pixels, and contour pixels that have an edge: of the reconstruction, of the input.
    var (outputNear, inputNear, contour, contourOutput, contourInput) = (0, 0, 0, 0, 0)
  }

  /// - Returns: for each region of ``ShapeRegion`` a value for each metric; nil where the definition gives none.
  func values(_ map: ShapeMap) -> [[Double?]] {
    let labels = map.labels
    var counts = [Counts](repeating: Counts(), count: 4)
    let reach = tolerance * tolerance
    for place in labels.indices {
      let label = labels[place]
      let region = Int(label & ShapeMap.regionBits)
      counts[region].pixels += 1
      if let similarity { counts[region].similarity += Double(similarity[place]) }
      let isNear = label & ShapeMap.nearContour != 0
      if output.edges[place] != 0 {
        counts[region].output += 1
        if input.distances[place] <= reach { counts[region].outputMatched += 1 }
        if isNear { counts[region].outputNear += 1 }
      }
      if input.edges[place] != 0 {
        counts[region].input += 1
        if output.distances[place] <= reach { counts[region].inputMatched += 1 }
        if isNear { counts[region].inputNear += 1 }
      }
      guard label & ShapeMap.contour != 0 else { continue }
      counts[region].contour += 1
      if output.distances[place] <= reach { counts[region].contourOutput += 1 }
      if input.distances[place] <= reach { counts[region].contourInput += 1 }
    }
    return ShapeRegion.allCases.map { region in
      let own: Counts
      switch region {
      case .image: own = counts.reduce(into: Counts()) { ShapeMeasure.add($1, to: &$0) }
      case .object: own = counts[Int(ShapeMap.object)]
      case .boundary: own = counts[Int(ShapeMap.boundary)]
      case .background: own = counts[Int(ShapeMap.background)]
      }
      return ShapeMetric.allCases.map { value($0, own, region) }
    }
  }

  private func value(_ metric: ShapeMetric, _ counts: Counts, _ region: ShapeRegion) -> Double? {
    guard counts.pixels >= ShapeMeasure.leastPixels else { return nil }
    switch metric {
    case .ssim: return similarity == nil ? nil : counts.similarity / Double(counts.pixels)
    case .edges:
      return ShapeMeasure.fMeasure(counts.outputMatched, of: counts.output, counts.inputMatched, of: counts.input)
    case .boundary where region == .boundary:
      return ShapeMeasure.fMeasure(counts.outputNear, of: counts.output, counts.contourOutput, of: counts.contour)
    case .boundaryInput where region == .boundary:
      return ShapeMeasure.fMeasure(counts.inputNear, of: counts.input, counts.contourInput, of: counts.contour)
    case .boundary, .boundaryInput: return nil
    }
  }

  /// The harmonic mean of precision and recall: 0 where one side has nothing, nil where both have not.
  static func fMeasure(_ right: Int, of found: Int, _ met: Int, of wanted: Int) -> Double? {
    guard found > 0 || wanted > 0 else { return nil }
    guard found > 0, wanted > 0, right > 0 || met > 0 else { return 0 }
    let (precision, recall) = (Double(right) / Double(found), Double(met) / Double(wanted))
    return 2 * precision * recall / (precision + recall)
  }

  private static func add(_ other: Counts, to sum: inout Counts) {
    sum.pixels += other.pixels
    sum.similarity += other.similarity
    sum.output += other.output
    sum.outputMatched += other.outputMatched
    sum.input += other.input
    sum.inputMatched += other.inputMatched
  }
}
