/// The metrics of the structure of reconstructions in `shape.csv`: the raw values are their keys.
public enum ShapeMetric: String, CaseIterable, Sendable, MetricKey {
  /// Mean of the SSIM map.
  case ssim
  /// F-measure of the reconstruction's edges against the input's.
  case edges = "edge_f"
  /// F-measure of the reconstruction's, and of the input's, edges against the contours of the annotated objects.
  case boundary = "boundary_f"
  case boundaryInput = "boundary_f_input"

  public var definition: MetricDefinition {
    switch self {
    case .ssim: QualityMetric.ssim.definition
    case .edges:
      MetricDefinition(
        rawValue, title: "Edge f",
        definition: "F-measure of the edges of reconstruction and input: 1 where they have the same.",
        reference: Self.source)
    case .boundary:
      MetricDefinition(
        rawValue, title: "Boundary f",
        definition: "F-measure of the reconstruction's edges and the contours of the annotated objects.",
        reference: Self.source)
    case .boundaryInput:
      MetricDefinition(
        rawValue, title: "Boundary f input",
        definition: "The same with the input's edges: what the edge detector can reach.", reference: Self.source)
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

extension AnalysisDefinition {
  /// `analyze shape`.
  public static let shape = AnalysisDefinition(
    name: "shape", title: "Shape",
    abstract: "Measure structure inside objects, along their boundaries and in the background.",
    why: "what is left inside objects, along their boundaries and in the background", sources: [.reconstructions],
    annotations: .required, options: [.conditions, .taps, .bootstrap, .seed, .limit], tables: [.shape, .shapeImages],
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
