import Results

/// Structure of the reconstructions of one image by group and region.
struct ShapeMeasure {
  /// The edges of an image and those that say what chance gives.
  struct Edges {
    let output: EdgeSet
    /// Of the reconstructions of other images.
    let others: [EdgeSet]
  }

  let pairing: EdgePairing
  let input: EdgeSet
  /// Of white noise.
  let noise: EdgeSet

  /// Regions of fewer pixels have no figure.
  static let leastPixels = 16

  /// The pixels of a group's regions.
  struct Region {
    let kind: ShapeRegion
    /// 1 inside, 0 outside.
    let mask: [UInt8]
    let pixels: Int
  }

  /// Which pixels of a map are of a region.
  static func regions(_ map: ShapeMap) -> [Region] {
    let labels = map.labels
    return ShapeRegion.allCases.map { kind in
      let wanted: UInt8? =
        switch kind {
        case .image: nil
        case .object: ShapeMap.object
        case .boundary: ShapeMap.boundary
        case .background: ShapeMap.background
        }
      let mask = labels.map { label in wanted.map { $0 == label & ShapeMap.regionBits ? 1 : 0 } ?? UInt8(1) }
      return Region(kind: kind, mask: mask, pixels: mask.reduce(0) { $0 + Int($1) })
    }
  }

  /// What does not depend on the reconstruction: the contour of a group, and what the input's and random edges score.
  struct Reference {
    let region: Region
    /// Pixels of contours; empty for regions but the boundary.
    let contour: [Int32]
    /// The input's edges in the region.
    let input: [Int32]
    let edgesNoise: Double?
    let boundaryNoise: Double?
    let boundaryInput: Double?
  }

  func references(_ map: ShapeMap) -> [Reference] {
    let labels = map.labels
    return ShapeMeasure.regions(map).map { region in
      let contour =
        region.kind == .boundary
        ? labels.indices.filter { labels[$0] & ShapeMap.contour != 0 }.map { Int32($0) } : []
      let own = inside(region, input)
      return Reference(
        region: region, contour: contour, input: own, edgesNoise: edgesMeasure(noise, region, own),
        boundaryNoise: boundaryMeasure(noise, contour), boundaryInput: boundaryMeasure(input, contour))
    }
  }

  /// - Parameter similarity: SSIM of each pixel; nil where the image is too small for its window.
  /// - Returns: a value for each metric; nil where the definition gives none.
  func values(_ reference: Reference, _ edges: Edges, similarity: [Float]?) -> [Double?] {
    guard reference.region.pixels >= ShapeMeasure.leastPixels else { return ShapeMetric.allCases.map { _ in nil } }
    let own = edgesMeasure(edges.output, reference.region, reference.input)
    let shuffled = ShapeMeasure.mean(edges.others.map { edgesMeasure($0, reference.region, reference.input) })
    let boundary = boundaryMeasure(edges.output, reference.contour)
    let boundaryShuffled = ShapeMeasure.mean(edges.others.map { boundaryMeasure($0, reference.contour) })
    func less(_ first: Double?, _ second: Double?) -> Double? { first.flatMap { one in second.map { one - $0 } } }
    return ShapeMetric.allCases.map { metric in
      switch metric {
      case .similarityMap: similarity.map { mean($0, reference.region) }
      case .edges: own
      case .edgesShuffled: shuffled
      case .edgesExcess: less(own, shuffled)
      case .edgesNoise: reference.edgesNoise
      case .boundary: boundary
      case .boundaryShuffled: boundaryShuffled
      case .boundaryExcess: less(boundary, boundaryShuffled)
      case .boundaryNoise: reference.boundaryNoise
      case .boundaryInput: reference.boundaryInput
      }
    }
  }

  private func mean(_ similarity: [Float], _ region: Region) -> Double {
    var sum = 0.0
    for index in similarity.indices where region.mask[index] != 0 { sum += Double(similarity[index]) }
    return sum / Double(region.pixels)
  }

  private func inside(_ region: Region, _ edges: EdgeSet) -> [Int32] {
    region.kind == .image ? edges.positions : edges.positions.filter { region.mask[Int($0)] != 0 }
  }

  /// Edges of a picture in a region against the input's.
  ///
  /// - Parameter wanted: the input's edges in the region.
  /// - Returns: nil where there are none of these, whatever the picture.
  private func edgesMeasure(_ edges: EdgeSet, _ region: Region, _ wanted: [Int32]) -> Double? {
    guard !wanted.isEmpty else { return nil }
    let found = inside(region, edges)
    let met = pairing.count(wanted, with: edges)
    // Of whole images both are the same pairs.
    let right = region.kind == .image ? met : pairing.count(found, with: input)
    return ShapeMeasure.fMeasure(right, of: found.count, met, of: wanted.count)
  }

  /// All edges of a picture against the contours of objects.
  private func boundaryMeasure(_ edges: EdgeSet, _ contour: [Int32]) -> Double? {
    guard !contour.isEmpty else { return nil }
    let pairs = pairing.count(contour, with: edges)
    return ShapeMeasure.fMeasure(pairs, of: edges.positions.count, pairs, of: contour.count)
  }

  /// The harmonic mean of precision and recall; 0 where nothing is found or right.
  static func fMeasure(_ right: Int, of found: Int, _ met: Int, of wanted: Int) -> Double {
    guard right > 0, met > 0 else { return 0 }
    let (precision, recall) = (Double(right) / Double(found), Double(met) / Double(wanted))
    return 2 * precision * recall / (precision + recall)
  }

  /// nil where there are none.
  private static func mean(_ values: [Double?]) -> Double? {
    let present = values.compactMap { $0 }
    return present.isEmpty ? nil : present.reduce(0, +) / Double(present.count)
  }
}
