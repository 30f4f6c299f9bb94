/// The metrics of `tokens.csv`: the raw values are their keys.
public enum TokenMetric: String, CaseIterable, Sendable, MetricKey {
  case norm = "token_norm"
  case outlierShare = "outlier_share"
  case outlierNorm = "outlier_norm"
  case explained = "explained"

  public var definition: MetricDefinition {
    switch self {
    case .norm:
      MetricDefinition(
        rawValue, title: "Norm of tokens", axis: "Token norm", digits: 2,
        definition: "Euclidean norm of a token, mean over the tokens of an image that lie on its grid.")
    case .outlierShare:
      MetricDefinition(
        rawValue, title: "Outlier tokens", axis: "Share of tokens", digits: 4,
        definition:
          "Share of an image's tokens whose norm is above the tap's upper outer fence: its upper quartile plus three times the "
          + "distance of its quartiles, over the tokens of all images.",
        reference: "fence: Tukey 1977; such tokens: Darcet, Oquab, Mairal and Bojanowski, ICLR 2024")
    case .outlierNorm:
      MetricDefinition(
        rawValue, title: "Norm of an outlier", axis: "Token norm", digits: 2,
        definition: "The fence: tokens of a larger norm are outliers.", reference: "Tukey 1977")
    case .explained:
      MetricDefinition(
        rawValue, title: "Variance in the three components", axis: "Share of variance", range: 0...1,
        definition: "Share of the variance of a tap's tokens that lies in the three components it is coloured by.")
    }
  }
}

/// Over what the principal components of tokens are shared.
public enum ComponentSharing: String, CaseIterable, Sendable {
  /// All taps of one width, of whatever model; those of one width of each model; each tap has its own.
  case models, depths, taps
}

/// The analysis in the registry, to which its command and its section are added by conformances.
public enum TokensAnalysis: RegisteredAnalysis {
  public static var definition: AnalysisDefinition { .tokens }
}

extension AnalysisDefinition {
  /// `analyze tokens`.
  public static let tokens = AnalysisDefinition(
    name: "tokens", title: "Tokens",
    abstract: "Map the tokens of images: principal components, norms and outliers.",
    why: "what the tokens of an image tell apart at every depth, and which of them stand out", sources: [.features],
    needsSameImages: true,
    options: [
      OptionDefinition(
        "components", .choice(ComponentSharing.allCases.map(\.rawValue)),
        "what the three principal components are shared over: models, depths of each model, or nothing but a tap"),
      OptionDefinition("maps", count: 1...1000, "how many images get maps, evenly spread over those that are used"),
      .condition, .taps, .jackknife, .seed, .limit, .sample,
    ], tables: [.tokens, .tokenImages, .tokenComponents, .tokenMaps], figures: ["token-map", "norm-map", "depth"],
    bench: .none(because: "it reads every token once and multiplies it by itself: bench similarity measures both"),
    example: "vit.h5 deit.h5")
}

extension TableDefinition {
  public static let tokens = TableDefinition(
    "tokens.csv", row: "store, condition, tap and metric, over all images",
    columns: [.store, .condition, .tap, .metric] + .estimate, role: .main, metrics: TokenMetric.definitions)

  public static let tokenImages = TableDefinition(
    "tokens_images.csv", row: "image, tap and metric", columns: [.store, .condition, .tap, .path, .metric, .value],
    isPerImage: true, exportReason: perImage(tokens), metrics: [TokenMetric.norm, .outlierShare].map(\.definition))

  public static let tokenComponents = TableDefinition(
    "token_components.csv", row: "store, condition, tap and principal component",
    columns: [.store, .condition, .tap, .channels, .basis, .component, .basisShare, .tapShare])

  public static let tokenMaps = TableDefinition(
    "token_maps.csv", row: "token of an image that has a map",
    columns: [
      .store, .condition, .tap, .path, .gridRow, .gridColumn, .norm, .isOutlier, .firstComponent, .secondComponent,
      .thirdComponent,
    ], isPerImage: true)
}

extension Column {
  static let channels = Column("channels", "Numbers that a token has.")
  /// Taps with the same number share their components.
  public static let basis = Column(
    "basis", "Number of the set of components, from 1; taps that share one have the same.")
  public static let component = Column("component", "Number of the principal component, from 1.")
  public static let basisShare = Column(
    "basis_share", "Share of the variance in it, mean over the taps that share it.")
  public static let tapShare = Column("tap_share", "Share of the variance of this tap in it.")
  public static let gridRow = Column("grid_row", "Row of the token in its grid, from 0 at the top.")
  public static let gridColumn = Column("grid_column", "Column of the token in its grid, from 0 at the left.")
  public static let norm = Column("norm", "Euclidean norm of the token.")
  public static let isOutlier = Column("is_outlier", "1 where the norm is above the tap's `outlier_norm`, else 0.")
  public static let firstComponent = Column(
    "component_1",
    "The token less the tap's mean, over the tap's spread (root of its total variance), along the first component.")
  public static let secondComponent = Column("component_2", "The same along the second component.")
  public static let thirdComponent = Column("component_3", "The same along the third component.")
}
