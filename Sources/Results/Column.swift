/// A column of a results table: its name, which is written here and nowhere else, and what its fields say.
public struct Column: Sendable, Hashable {
  /// As in the table's header.
  public let name: String
  /// What a field of it is, in one sentence, with its unit.
  public let meaning: String

  public init(_ name: String, _ meaning: String) {
    self.name = name
    self.meaning = meaning
  }
}

// MARK: What a row is of

extension Column {
  public static let store = Column("store", "Name of the store, as given on the command line.")
  public static let condition = Column("condition", "Colour condition of the images.")
  public static let tap = Column("tap", "Tap of the model.")
  public static let path = Column("path", "Path of the image, as the store has it.")
  public static let index = Column("index", "Index of the image among those used, from 0.")
  public static let metric = Column("metric", "Which metric the value is of.")
  public static let region = Column("region", "Which pixels of the image.")
  public static let group = Column("group", "Which objects: `all`, `size:SIZE` or `class:NAME`.")
  public static let className = Column("class", "Name of the class.")
  public static let statistic = Column("statistic", "Which statistic of the hue curve.")
  public static let storeA = Column("store_a", "Store of the first tap.")
  public static let storeB = Column("store_b", "Store of the second tap.")
  public static let tapA = Column("tap_a", "The first tap.")
  public static let comparison = Column(
    "comparison",
    "What b and c are: `models`, counterparts of a in two other stores, or `neighbours` in one other store.")
  public static let storeC = Column("store_c", "Store of the third tap.")
  public static let tapC = Column("tap_c", "The third tap.")
  public static let tapB = Column("tap_b", "The second tap.")
  public static let measure = Column("measure", "Which measure of similarity.")
  public static let estimator = Column("estimator", "Which estimator of it.")
  public static let aggregate = Column(
    "aggregate", "Over all pairs of taps of the two stores: `max`, of the most alike, or `mean`.")
  public static let tokens = Column("tokens", "How the tokens of a tap became one vector per image.")
  public static let otherStore = Column("other_store", "The store among whose taps the best match is sought.")
  public static let bestTap = Column("best_tap", "The tap of the other store that matches best.")
  public static let match = Column(
    "match", "How taps were paired: `name` for equal names, `depth` for the nearest relative depth.")
  public static let run = Column("run", "Name of the training, the folder it was written to.")
  public static let mode = Column("mode", "How it was trained: `modular` or `end-to-end`, for example.")
  public static let inverse = Column("inverse", "What was fitted: `network`, `residual`, `ridge` or a control.")
  public static let module = Column("module", "Module of the inverse; `all` for the whole run.")
  public static let phase = Column("phase", "Part of the run: `modular` before polishing, else the mode.")
  public static let cut = Column("cut", "Tap at which the model is cut: what is inverted from there.")
  public static let budget = Column("budget", "What is equal: `time`, `images` or `operations`.")
  public static let place = Column("place", "Position of the box: row and column, counted from 1.")
  public static let sha256 = Column(
    "sha256", "SHA-256 of the image's file, hexadecimal; empty where it is not known.")
  public static let device = Column("device", "Kind of device that the training ran on: `cpu` or `cuda`.")
  public static let threads = Column("threads", "CPU threads that the training computed with.")
  public static let checkpoint = Column(
    "checkpoint", "First 12 digits of the SHA-256 of the model's weights: errors of other weights are of another model."
  )
  public static let heldOut = Column(
    "held_out",
    "First 12 digits of a SHA-256 that tells the images held out for validation: errors on other images cannot be compared."
  )
  public static let tested = Column(
    "tested",
    "First 12 digits of a SHA-256 that tells the test images: errors on other images cannot be compared.")
  public static let query = Column("query", "Index of the detector's query that names the object.")
}

// MARK: Numbers

extension Column {
  public static let value = Column(
    "value", "The value, in the unit of the metric; empty where the definition gives none.")
  public static let low = Column("low", "Lower end of the 95 % interval; empty where there is none.")
  public static let high = Column("high", "Upper end of the 95 % interval; empty where there is none.")
  public static let count = Column("n", "Number of images that the value is made of.")
  public static let permutations = Column("permutations", "Number of random pairings.")
  public static let mean = Column("mean", "Mean over the random pairings.")
  public static let pValue = Column("p_value", "p-value of the row alone.")
  public static let adjustedPValue = Column(
    "p_adjusted",
    "p-value corrected for all rows with the same metric and `match`, or the same measure, estimator and `aggregate`; not for "
      + "several metrics or measures.")
  public static let threshold = Column(
    "threshold", "The value that 5 % of the random pairings, the true one among them, exceed.")
  public static let calibrated = Column(
    "calibrated", "(value − threshold) / (value of agreement − threshold), within 0 and 1: 0 is no more than chance.")
  public static let difference = Column(
    "difference",
    "The first less the second: the mean over images of two stores' values, or the similarity of a with b less that with c."
  )
  public static let effectSize = Column("effect_size", "Cohen's d_z; empty where all differences are equal.")
  public static let rankBiserial = Column("rank_biserial", "Matched-pairs rank-biserial correlation, −1 to 1.")
  public static let isBest = Column("is_best", "1 where one of the two taps is the other's best match, else 0.")
  public static let changes = Column("changes", "1 where the token modes disagree about it, else 0.")
  public static let orderAgreement = Column(
    "order_agreement", "Spearman's ρ over the candidates between this token mode and the first.")
  public static let distance = Column("distance", "Euclidean distance to the mean of the class.")
  public static let frequency = Column("frequency", "Spatial frequency, cycles per image along the shorter side.")
  public static let frequencyPerPatch = Column(
    "frequency_per_patch", "The same in cycles per patch; empty where no patch is known.")
  public static let powerInput = Column("power_input", "Mean power of the inputs.")
  public static let powerReconstruction = Column("power_reconstruction", "Mean power of the reconstructions.")
  public static let powerRatio = Column("power_ratio", "Power of the reconstructions over that of the inputs.")
  public static let coherence = Column(
    "coherence", "Magnitude-squared coherence of the two, 0 to 1; empty where one of them has no power.")
  public static let ringCorrelation = Column(
    "frc", "Fourier ring correlation of the two, −1 to 1: the coherence is its square; empty likewise.")
  public static let centerX = Column("center_x", "Centre of the box, share of the picture's width.")
  public static let centerY = Column("center_y", "Centre of the box, share of the picture's height.")
  public static let width = Column("width", "Width of the box, share of the picture's.")
  public static let height = Column("height", "Height of the box, share of the picture's.")
  public static let unit = Column("unit", "Unit of the numbers of the row.")
  public static let limit = Column("limit", "How much may be spent, in the unit of the row.")
  public static let spent = Column("spent", "What the run had spent at the epoch that counts.")
  public static let split = Column(
    "split",
    "Which images: `train` or `validation`; in `history.csv` also `image`, the error of the validation images through the "
      + "kept weights.")
  public static let loss = Column("loss", "Loss of the module, mean over the images.")
  public static let epoch = Column("epoch", "Finished epochs.")
  public static let step = Column("step", "Steps so far.")
  public static let images = Column("images", "Images so far, repetitions counted.")
  public static let operations = Column("operations", "Arithmetic operations so far; 0 where not counted.")
  public static let seconds = Column("seconds", "Seconds so far; of curves those of steps alone.")
  public static let meanSquaredError = Column(
    "mse", "Squared error of pixels in 0 … 1, mean over the validation images; in tables of test images over those.")
  public static let peakSignalToNoise = Column("psnr", "PSNR in dB, mean over the same images.")
}

extension [Column] {
  /// What ends every table of means: the value, its interval and the number of images.
  public static let estimate: [Column] = [.value, .low, .high, .count]
}
