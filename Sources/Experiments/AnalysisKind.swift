/// An analysis as an experiment sees it: what it takes, and what it can be told. One entry in ``AnalysisKind/all`` makes
/// `palimpsest analyze NAME` an analysis that experiments know.
public struct AnalysisKind: Sendable {
  /// What an analysis reads.
  public enum Source: String, Sendable {
    /// Stores of `extract`.
    case features
    /// Stores of `reconstruct`.
    case reconstructions
    /// Folders of `train`.
    case inverses
  }

  /// Which of its sources one run of an analysis takes.
  public enum Grouping: Sendable { case together, perModel, perStore }

  /// Whether an analysis is told where objects are: never, where the images have annotations, or always.
  public enum Annotations: Sendable { case none, optional, required }

  /// As in `palimpsest analyze NAME`.
  public let name: String
  /// What it takes where the file does not say; the first one that the experiment has any of.
  public let sources: [Source]
  /// Of these, those alone that have colour conditions beside original.
  public var needsConditions = false
  /// Whether what it takes has to be of the same images.
  public var needsSameImages = false
  public var grouping = Grouping.together
  /// Whether it takes `--annotations` of the images.
  public var annotations = Annotations.none
  /// Whether it takes the models of its stores with `--model`; the file may say `with-models: false`.
  public var takesModels = false
  /// Whether it does without models that its command cannot be given together, rather than not at all.
  public var canLeaveModelsOut = false
  /// Whether it takes inverses of its stores' models with `--inverse`: those that the file names, or the first of each model.
  public var takesInverses = false
  /// Whether its command takes `--device` and `--threads`.
  public var computes = true
  /// The flags of its command, less those that `run` fills in.
  public let settings: [Setting]
  /// Said before it runs, where the file gives no `why`.
  public let why: String

  private static let seed = Setting("seed", .integer(atLeast: 0), "of the bootstrap")
  private static let limit = Setting("limit", .integer(atLeast: 1), "the first so many images only")
  private static let bootstrap = Setting("bootstrap", .integer(atLeast: 0), "replicates behind the intervals; 0: none")

  private static let conditions = Setting("conditions", .list, "which colour conditions")
  private static let taps = Setting("taps", .list, "which taps")

  /// Every analysis, in the order in which they are told.
  public static let all: [AnalysisKind] = [
    AnalysisKind(
      name: "similarity", sources: [.features], needsSameImages: true, annotations: .optional,
      settings: [
        Setting("measures", .list, "cka_linear, cka_rbf, svcca, pwcca, procrustes, rsa, mutual_knn, or all"),
        Setting("estimators", .list, "debiased, biased, minibatch"),
        Setting("tokens", .list, "what an image is: flatten, mean, prefix, grid:G or object; several are compared"),
        Setting("pairs", .choice(["all", "within", "across"]), "which pairs of taps"),
        Setting("condition", .text, "which colour condition"),
        bootstrap, seed,
        Setting("permutations", .integer(atLeast: 0), "shuffled pairings behind a null band; 0: none"),
        Setting("variance", .number, "share of the variance that SVCCA and PWCCA keep"),
        Setting("neighbours", .integer(atLeast: 1), "of mutual_knn"),
        Setting("rbf-fraction", .number, "width of the RBF kernel as a fraction of the median distance"),
        Setting("minibatch", .integer(atLeast: 4), "images in a minibatch"),
        limit,
      ], why: "which depths of one model see what another sees"),
    AnalysisKind(
      name: "quality", sources: [.reconstructions], takesModels: true,
      settings: [
        Setting(
          "metrics", .list,
          "mse, mae, psnr, ssim, ms_ssim, gmsd, haarpsi, ciede2000, lpips, lpips_vgg, top1_agreement, feature_cosine, "
            + "box_agreement, box_iou, box_class_agreement"),
        conditions, taps, Setting("lpips", .file, "weights of LPIPS, as scripts/lpips_weights.py writes them"),
        Setting("confidence", .number, "the probability above which a detector's query counts as an object"), bootstrap,
        Setting("interval", .choice(["percentile", "bca"]), "how intervals are made"),
        Setting("permutations", .integer(atLeast: 0), "sign flips behind p-values of differences"),
        Setting("correction", .text, "of p-values of differences: holm, benjamini-hochberg or none"),
        seed, limit,
      ], why: "how much of each image is left at every depth, and what the model makes of it"),
    AnalysisKind(
      name: "color", sources: [.features, .reconstructions], needsConditions: true, annotations: .optional,
      settings: [conditions, taps, bootstrap, seed, limit],
      why: "what a change of colour does to every layer, and what of it comes back"),
    AnalysisKind(
      name: "detail", sources: [.reconstructions],
      settings: [
        conditions, taps, Setting("patch", .integer(atLeast: 1), "side of a patch in pixels"), bootstrap, seed, limit,
      ], why: "up to which spatial frequency every depth still shows the image"),
    AnalysisKind(
      name: "shape", sources: [.reconstructions], annotations: .required,
      settings: [conditions, taps, bootstrap, seed, limit],
      why: "what is left inside objects, along their boundaries and in the background"),
    AnalysisKind(
      name: "prototypes", sources: [.features], takesModels: true, canLeaveModelsOut: true,
      takesInverses: true,
      settings: [
        taps, Setting("condition", .text, "which colour condition"), bootstrap,
        Setting("permutations", .integer(atLeast: 0), "shufflings of the labels behind the null; 0: none"),
        Setting("places", .text, "rows and columns of places where a detector shows its classes, such as 3x3, or none"),
        Setting("place-size", .text, "width and height of their boxes as shares of the picture's, such as 0.3x0.3"),
        Setting("classes", .list, "which of a detector's classes are shown there"), seed, limit,
      ], why: "how well the mean of a class stands for its images, and what it looks like"),
    AnalysisKind(
      name: "efficiency", sources: [.inverses], grouping: .perModel, computes: false, settings: [],
      why: "what trainings cost, and the error they reach at equal cost"),
  ]

  public static func named(_ name: String) -> AnalysisKind? { all.first { $0.name == name } }
}
