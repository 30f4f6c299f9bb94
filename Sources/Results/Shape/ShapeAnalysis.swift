/// The metrics of the structure of reconstructions in `shape.csv`: the raw values are their keys.
public enum ShapeMetric: String, CaseIterable, Sendable, MetricKey {
  /// Mean over a region of the map of SSIM, mirrored around the image: not the `ssim` of quality, which is cropped.
  case similarityMap = "ssim_map"
  /// F-measure of the reconstruction's edges against the input's; of other images' reconstructions, what the own one has
  /// beyond that, and of white noise.
  case edges = "edge_f"
  case edgesShuffled = "edge_f_shuffled"
  case edgesExcess = "edge_f_excess"
  case edgesNoise = "edge_f_noise"
  /// F-measure of the reconstruction's edges against the contours of the annotated objects; likewise, and of the input's edges.
  case boundary = "boundary_f"
  case boundaryShuffled = "boundary_f_shuffled"
  case boundaryExcess = "boundary_f_excess"
  case boundaryNoise = "boundary_f_noise"
  case boundaryInput = "boundary_f_input"

  public var definition: MetricDefinition {
    switch self {
    case .similarityMap:
      MetricDefinition(
        rawValue, title: "SSIM map", better: .high, range: 0...1,
        definition:
          "Structural similarity, mean over the region of a map that is mirrored around the image; the `ssim` of "
          + "quality is the mean over the map's inner part, and differs.",
        reference: "Wang, Bovik, Sheikh and Simoncelli, IEEE TIP 2004")
    case .edges:
      MetricDefinition(
        rawValue, title: "Edge F", better: .high,
        definition:
          "F-measure of the edges of reconstruction and input, paired one to one: 1 where they have the same. "
          + "Edges that have nothing to do with the image score above 0: compare it with the shuffled one.",
        reference: Self.source)
    case .edgesShuffled:
      MetricDefinition(
        rawValue, title: "Edge F, shuffled",
        definition: "The same of the reconstructions of three other images: what any such picture scores.",
        reference: Self.source)
    case .edgesExcess:
      MetricDefinition(
        rawValue, title: "Edge F above shuffled", better: .high,
        definition: "The first less the second, image by image: 0 for a decoder that knows nothing of the image.",
        reference: Self.source)
    case .edgesNoise:
      MetricDefinition(
        rawValue, title: "Edge F of white noise",
        definition: "The same of a picture of white noise: what edges drawn at random score.", isOfInput: true,
        reference: Self.source)
    case .boundary:
      MetricDefinition(
        rawValue, title: "Boundary F", better: .high,
        definition:
          "F-measure of all edges of the reconstruction and the contours of the annotated objects, paired one to "
          + "one.",
        reference: Self.source)
    case .boundaryShuffled:
      MetricDefinition(
        rawValue, title: "Boundary F, shuffled",
        definition: "The same of the reconstructions of three other images.", reference: Self.source)
    case .boundaryExcess:
      MetricDefinition(
        rawValue, title: "Boundary F above shuffled", better: .high,
        definition: "The first less the second, image by image: 0 for a decoder that knows nothing of the image.",
        reference: Self.source)
    case .boundaryNoise:
      MetricDefinition(
        rawValue, title: "Boundary F of white noise", definition: "The same of a picture of white noise.",
        isOfInput: true, reference: Self.source)
    case .boundaryInput:
      MetricDefinition(
        rawValue, title: "Boundary F of the input",
        definition: "The same of the input's edges: what the edge detector can reach.", isOfInput: true,
        reference: Self.source)
    }
  }

  private static let source = "Martin, Fowlkes and Malik, IEEE TPAMI 2004; edges: Canny, IEEE TPAMI 1986"
}

/// The metrics of context probes in `shape.csv`, inputs in which objects were covered: the raw values are their keys.
public enum ProbeMetric: String, CaseIterable, Sendable, MetricKey {
  case returned
  case returnedShuffled = "returned_shuffled"
  case returnedExcess = "returned_excess"
  case returnedShown = "returned_shown"

  public var definition: MetricDefinition {
    switch self {
    case .returned:
      MetricDefinition(
        rawValue, title: "Returned",
        definition:
          "Share of what was taken away from the input that the reconstruction has; compare it with the shuffled one."
      )
    case .returnedShuffled:
      MetricDefinition(
        rawValue, title: "Returned, shuffled",
        definition:
          "The same of the other images' reconstructions, on average: what a decoder scores that ignores its input."
      )
    case .returnedExcess:
      MetricDefinition(
        rawValue, title: "Returned excess",
        definition:
          "Weight of what was taken away in the reconstruction, beside the probe as it is and smoothed, each less its "
          + "mean over the images: what is known of an object from its surroundings alone. 0 for a decoder that ignores its "
          + "input, or smooths it.")
    case .returnedShown:
      MetricDefinition(
        rawValue, title: "Returned shown",
        definition: "The excess of the reconstruction of the original: the most that can be expected.")
    }
  }
}

/// Which pixels the metrics of `shape.csv` are of; those of context probes are of the region `changed`.
public enum ShapeRegion: String, CaseIterable, Sendable {
  /// All that is picture; objects but their boundary; a band along their boundary; what is neither.
  case image, object, boundary, background
}

/// The analysis in the registry, to which its command and its section are added by conformances.
public enum ShapeAnalysis: RegisteredAnalysis {
  public static var definition: AnalysisDefinition { .shape }
}

extension AnalysisDefinition {
  /// `analyze shape`.
  public static let shape = AnalysisDefinition(
    name: "shape", title: "Shape",
    abstract: "Measure structure inside objects, along their boundaries and in the background.",
    why: "what is left inside objects, along their boundaries and in the background", sources: [.reconstructions],
    annotations: .required, options: [.conditions, .taps, .intervals, .seed, .limit, .sample],
    tables: [.shape, .shapeImages],
    figures: ["depth"], bench: .command, example: "vit-back.h5 --annotations coco.json")
}

extension TableDefinition {
  private static let shapeMetrics = ShapeMetric.definitions + ProbeMetric.definitions

  public static let shape = TableDefinition(
    "shape.csv", row: "store, condition, tap, region, group of objects and metric: the mean over images",
    columns: [.store, .condition, .tap, .region, .group, .metric] + .estimate, role: .main, metrics: shapeMetrics)

  public static let shapeImages = TableDefinition(
    "shape_images.csv", row: "reconstruction, region, group of objects and metric",
    columns: [.store, .condition, .tap, .path, .region, .group, .metric, .value], isPerImage: true,
    exportReason: perImage(shape), metrics: shapeMetrics)
}
