/// The analysis in the registry, to which its command and its section are added by conformances.
public enum SimilarityAnalysis: RegisteredAnalysis {
  public static var definition: AnalysisDefinition { .similarity }
}

extension AnalysisDefinition {
  /// `analyze similarity`.
  public static let similarity = AnalysisDefinition(
    name: "similarity", title: "Similarity",
    abstract: "Compare the representations at every two taps of one or several models.",
    why: "which depths of one model see what another sees", sources: [.features], needsSameImages: true,
    annotations: .optional,
    options: [
      OptionDefinition(
        "measures", .choices(SimilarityMeasure.allCases.map { ValueForm($0.rawValue) }, orAll: true), "which measures"),
      OptionDefinition(
        "estimators", .choices(SimilarityEstimator.hsic.map { ValueForm($0.rawValue) }),
        "which estimators of HSIC, for CKA"),
      OptionDefinition(
        "tokens", .choices(TokenModes.forms),
        "how a tap's tokens become one vector per image; several are compared"),
      OptionDefinition("pairs", .choice(SimilarityPairs.allCases.map(\.rawValue)), "which pairs of taps"),
      .condition, .taps, .jackknife, .seed,
      OptionDefinition(
        "permutations", count: CountRange.permutations,
        "random pairings of the images for the null distribution; 0: none"),
      OptionDefinition("variance", .number, "share of the variance that SVCCA and PWCCA keep"),
      OptionDefinition("neighbours", count: CountRange.images, "nearest neighbours of mutual_knn"),
      OptionDefinition("rbf-fraction", .number, "width of the RBF kernel as a fraction of the median distance"),
      OptionDefinition("minibatch", count: 4...CountRange.batch.upperBound, "the most images in a minibatch"),
      OptionDefinition(
        "folds", count: 2...CountRange.images.upperBound, "folds that linear_predictivity predicts in turn"),
      OptionDefinition(
        "differences", .choices(DifferenceSelection.forms, orAll: true),
        "of which values that share a tap differences are taken: models, neighbours, and STORE:TAP, two after two: whether each other tap is closer to the first"
      ),
      .standardize, .clip, .limit, .sample,
    ],
    tables: [
      .similarity, .similarityImages, .similarityNull, .similarityCalibrated, .similarityOfMode, .similarityNullOfMode,
      .similarityCalibratedOfMode, .similarityDifferences, .similarityDifferencesOfMode, .tokenModes, .tokenConclusions,
    ], figures: ["all-models", "within-models", "across-models", "along-depth", "null", "calibrated"], bench: .command,
    example: "vit.h5 swin.h5")
}

extension TableDefinition {
  private static let pair: [Column] = [.storeA, .tapA, .storeB, .tapB, .measure, .estimator]
  private static let values: [Column] = pair + [.count, .value, .low, .high]
  private static let nullValues: [Column] =
    pair + [.count, .permutations, .mean, .low, .high, .pValue, .adjustedPValue, .threshold, .calibrated]
  private static let calibratedValues: [Column] = [
    .storeA, .storeB, .measure, .estimator, .aggregate, .tapA, .tapB, .count, .permutations, .value, .threshold,
    .calibrated, .pValue, .adjustedPValue,
  ]

  public static let similarity = TableDefinition(
    "similarity.csv", row: "pair of taps, measure and estimator, with the first token mode", columns: values,
    role: .main)

  public static let similarityImages = TableDefinition(
    "similarity_images.csv", row: "image that all values are made of", columns: [.index, .path], isPerImage: true,
    exportReason: "the list of images, whose number every table has")

  public static let similarityNull = TableDefinition(
    "similarity_null.csv", row: "row of `similarity.csv`: the same over random pairings of the images",
    columns: nullValues)

  public static let similarityCalibrated = TableDefinition(
    "similarity_calibrated.csv", row: "pair of stores, measure, estimator and aggregate, against random pairings",
    columns: calibratedValues)

  public static let similarityCalibratedOfMode = TableDefinition(
    "similarity_calibrated_MODE.csv", row: "row of `similarity_calibrated.csv`: the same with another token mode",
    columns: calibratedValues)

  private static let differenceValues: [Column] = [
    .comparison, .storeA, .tapA, .storeB, .tapB, .storeC, .tapC, .measure, .estimator, .count, .difference, .low, .high,
  ]

  public static let similarityDifferences = TableDefinition(
    "similarity_differences.csv", row: "tap, two others, measure and estimator: is it closer to one than to the other",
    columns: differenceValues)

  public static let similarityDifferencesOfMode = TableDefinition(
    "similarity_differences_MODE.csv", row: "row of `similarity_differences.csv`: the same with another token mode",
    columns: differenceValues, exportReason: "the report shows the differences of the first token mode")

  public static let similarityOfMode = TableDefinition(
    "similarity_MODE.csv", row: "pair of taps, measure and estimator, with another token mode", columns: values)

  public static let similarityNullOfMode = TableDefinition(
    "similarity_null_MODE.csv", row: "row of `similarity_MODE.csv`: the same over random pairings of the images",
    columns: nullValues)

  public static let tokenModes = TableDefinition(
    "token_modes.csv", row: "pair of taps, measure, estimator and token mode",
    columns: pair + [.tokens, .count, .value, .isBest, .changes],
    exportReason: "the values of all token modes side by side; token_conclusions.csv has what follows from them")

  public static let tokenConclusions = TableDefinition(
    "token_conclusions.csv", row: "tap, other store, measure, estimator and token mode: the best match",
    columns: [
      .store, .tap, .otherStore, .measure, .estimator, .tokens, .bestTap, .value, .low, .high, .orderAgreement,
      .changes,
    ])
}
