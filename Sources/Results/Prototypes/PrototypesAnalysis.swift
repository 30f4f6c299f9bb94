/// The metrics of `prototypes.csv`: the raw values are their keys. Each is also measured on shuffled labels.
public enum PrototypeMetric: String, CaseIterable, Sendable, MetricKey {
  /// The share of the variance that lies between classes.
  case separability
  /// How widely the images of a class scatter, as a share of how widely all do.
  case withinSpread = "within_spread"
  /// How often the nearest prototype is that of the own class.
  case nearestAccuracy = "nearest_accuracy"
  case silhouette
  /// The share of the variance that lies between classes, less what classes drawn at random would have.
  case separabilityAdjusted = "separability_adjusted"

  /// Those that single images have too.
  public static let ofImages: [PrototypeMetric] = [.withinSpread, .nearestAccuracy, .silhouette]

  public var definition: MetricDefinition {
    switch self {
    case .separability:
      MetricDefinition(
        rawValue, title: "Separability",
        definition:
          "η², the share of the variance that lies between classes; of k classes of n images that mean nothing "
          + "(k − 1)/(n − 1).", reference: "Pearson 1905; Fisher 1925")
    case .separabilityAdjusted:
      MetricDefinition(
        rawValue, title: "Separability, adjusted",
        definition:
          "ε², the share of the variance that lies between classes beyond what classes drawn at random would have: "
          + "0 where the class says nothing.", reference: "Kelley 1935")
    case .withinSpread:
      MetricDefinition(
        rawValue, title: "Spread within classes",
        definition:
          "Standard deviation of the images of a class over that of all images, both without bias; 1 where the class says "
          + "nothing, however few images it has.")
    case .nearestAccuracy:
      MetricDefinition(
        rawValue, title: "Nearest prototype is the own class", axis: "Nearest is own class", range: 0...1,
        definition: "Share of images whose nearest class mean is that of their own class, each mean without one of its "
          + "images, every class counted the same: 1/k by chance. It has no interval, for one sample does not hold its "
          + "variance; compare it with the shuffled one.",
        reference: "Bengio and Grandvalet, JMLR 2004")
    case .silhouette:
      MetricDefinition(
        rawValue, title: "Silhouette",
        definition:
          "Mean of (b − a)/max(a, b), a the distance to the own class mean, b to the nearest other, each mean "
          + "without one of its images. It has no interval, for which other mean is the nearest jumps with the images; "
          + "compare it with the shuffled one.",
        reference: "Rousseeuw 1987; Hruschka et al. 2004")
    }
  }
}

/// The metrics of `places.csv`, pictures of a detector's classes at positions: the raw values are their keys.
public enum PlacementMetric: String, CaseIterable, Sendable, MetricKey {
  /// Mean ΔE₀₀ to the picture without an object, over the pixels of the box.
  case changeInside = "change_inside"
  /// The same over all other pixels.
  case changeOutside = "change_outside"
  /// The share of the squared change of pixel values that lies in the box.
  case changeShareInside = "change_share_inside"
  /// Mean ΔE₀₀ over the pixels of the box to the pictures of the other classes at the same place, mean over them.
  case classDifference = "class_difference"
  /// Shown to the detector again: the greatest overlap (intersection over union) of the box that was asked for with a box of
  /// the class that it finds; 0 where it finds none. Only where there is a model.
  case foundOverlap = "found_iou"

  public var definition: MetricDefinition {
    switch self {
    case .changeInside:
      MetricDefinition(
        rawValue, title: "Change inside",
        definition: "Mean ΔE₀₀ to the picture without an object, over the box's pixels.")
    case .changeOutside:
      MetricDefinition(rawValue, title: "Change outside", definition: "The same over all other pixels.")
    case .changeShareInside:
      MetricDefinition(
        rawValue, title: "Change share inside",
        definition: "Share of the squared change of pixel values that lies in the box.")
    case .classDifference:
      MetricDefinition(
        rawValue, title: "Class difference",
        definition: "Mean ΔE₀₀ over the box's pixels to the pictures of the other classes at the same position.")
    case .foundOverlap:
      MetricDefinition(
        rawValue, title: "Found iou",
        definition:
          "Greatest IoU of the wanted box and one of the same class that the detector finds in the picture; 0 "
          + "where it finds none.")
    }
  }
}

/// The analysis in the registry, to which its command and its section are added by conformances.
public enum PrototypesAnalysis: RegisteredAnalysis {
  public static var definition: AnalysisDefinition { .prototypes }
}

extension AnalysisDefinition {
  /// `analyze prototypes`.
  public static let prototypes = AnalysisDefinition(
    name: "prototypes", title: "Prototypes",
    abstract: "Take the mean activation of every class at every tap, and measure how well it stands for its images.",
    why: "how well the mean of a class stands for its images, and what it looks like", sources: [.features],
    takesModels: true, canLeaveModelsOut: true, takesInverses: true,
    options: [
      .taps, .condition, .jackknife,
      OptionDefinition(
        "permutations", count: CountRange.permutations, "label permutations for the null distribution; 0: none"),
      OptionDefinition(
        "places", .text, "rows and columns of positions where a detector shows its classes, such as 3x3, or none"),
      OptionDefinition(
        "place-size", .text, "width and height of their boxes as shares of the picture's, such as 0.3x0.3"),
      OptionDefinition("classes", .list, "which of a detector's classes are shown there"), .seed, .limit, .sample,
    ],
    tables: [.prototypes, .prototypeClasses, .medoids, .prototypeImages, .placements, .placementImages],
    figures: ["prototypes", "places", "depth"], bench: .command, example: "vit.h5 --inverse vit-inverse/")
}

extension TableDefinition {
  public static let prototypes = TableDefinition(
    "prototypes.csv", row: "store, tap and metric, over all classes", columns: [.store, .tap, .metric] + .estimate,
    role: .main, metrics: PrototypeMetric.definitions, hasShuffled: true)

  /// Those of single images: ``PrototypeMetric/separability`` is of all images together.
  private static let imageMetrics = PrototypeMetric.ofImages.map(\.definition)

  public static let prototypeClasses = TableDefinition(
    "prototypes_classes.csv", row: "store, tap, class and metric: the mean over the images of the class",
    columns: [.store, .tap, .className, .metric] + .estimate, metrics: imageMetrics, hasShuffled: true)

  public static let medoids = TableDefinition(
    "medoids.csv", row: "store, tap and class: the image nearest to the mean of its class",
    columns: [.store, .tap, .className, .path, .distance, .count])

  public static let prototypeImages = TableDefinition(
    "prototypes_images.csv", row: "image, tap and metric", columns: [.store, .tap, .path, .className, .metric, .value],
    isPerImage: true, exportReason: perImage(prototypes), metrics: imageMetrics)

  public static let placements = TableDefinition(
    "places.csv", row: "store, class (`all` for every class together) and metric: the mean over positions",
    columns: [.store, .className, .metric] + .estimate, metrics: PlacementMetric.definitions)

  public static let placementImages = TableDefinition(
    "places_images.csv", row: "picture of a class at a position and metric",
    columns: [
      .store, .className, .place, .query, .centerX, .centerY, .width, .height, .metric, .value,
    ], isPerImage: true, exportReason: perImage(placements), metrics: PlacementMetric.definitions)
}
