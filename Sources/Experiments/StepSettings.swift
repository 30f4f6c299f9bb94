/// What the steps of each kind can be told: the flags of their commands, less those that `run` fills in itself.
public enum StepSettings {
  private static let precision = Setting("dtype", .choice(["float32", "float16"]), "precision of activations")
  private static let compression = Setting("compression", .text, "none, deflate or deflate:LEVEL")
  private static let batchSize = Setting("batch-size", .integer(atLeast: 1), "images computed at once")
  private static let seed = Setting("seed", .integer(atLeast: 0), "of everything that is drawn")
  private static let conditions = Setting("conditions", .conditions, "colour conditions beside original")
  private static let region = Setting("region", .text, "where conditions act: objects or class:NAME")

  /// Of a model: how it is loaded and how images become its input.
  public static let model = [
    Setting("architecture", .text, "of a bare .safetensors file"),
    Setting("preprocess", .choice(["native", "paper"]), "the checkpoint's own way, or stretched without a crop"),
    Setting("size", .text, "another input size, such as 640x480, or native"),
    Setting("control", .choice(["random-weights"]), "weights drawn by the seed instead of loaded"),
  ]

  /// Of `palimpsest scenes`.
  public static let scenes = [
    Setting("count", .integer(atLeast: 1), "how many images"),
    Setting("seed", .integer(atLeast: 0), "draws other images"),
    Setting("size", .size, "width and height in pixels"),
    Setting("context", .number, "how often an object is shown in the surrounding of its class, 0 to 1"),
  ]

  /// Of `palimpsest extract`.
  public static let features = [
    Setting("taps", .list, "all, stages, or names"),
    Setting("tokens", .choice(["all", "mean", "prefix"]), "which tokens are kept"),
    precision, conditions, region, compression, batchSize, seed,
    Setting("strict", .flag, "an image that cannot be read is an error"),
  ]

  /// Of `palimpsest train`.
  public static let inverses = [
    Setting("mode", .choice(["modular", "end-to-end", "modular-then-polish"]), "what is trained"),
    Setting("inverse", .choice(["network", "residual", "ridge", "mean-image", "nearest-image"]), "what an inverse is"),
    Setting("ridge", .text, "of inverse: ridge and residual, auto or a number"),
    Setting("exact-embedding", .flag, "undo a patch embedding by the inverse of its own matrix"),
    Setting("modules", .list, "taps at which the model is cut"),
    Setting("profile", .choice(["default", "paper"]), "architectures of the inverses"),
    Setting("epochs", .integer(atLeast: 1), "how often every image is seen"),
    Setting("polish-epochs", .integer(atLeast: 1), "epochs of polishing"),
    Setting("polish-factor", .number, "what polishing multiplies the learning rates by"),
    Setting("patience", .integer(atLeast: 0), "epochs without a lower validation loss before a module stops; 0: never"),
    Setting("evaluate-every", .integer(atLeast: 0), "epochs between sheets of validation images; 0: none"),
    batchSize,
    Setting("accumulate", .integer(atLeast: 1), "batches in a step"),
    Setting("learning-rate", .list, "one, or TAP=RATE"),
    Setting("schedule", .choice(["constant", "cosine"]), "of the learning rate"),
    Setting("warmup", .integer(atLeast: 0), "steps over which the rates rise"),
    Setting("optimizer", .choice(["adam", "adamw"]), "which optimiser"),
    Setting("weight-decay", .number, "how strongly weights are drawn to zero"),
    Setting("validation-share", .number, "share of the images that validates"),
    seed,
  ]

  /// Of `palimpsest reconstruct`.
  public static let reconstructions = [
    Setting("weights", .choice(["best", "last"]), "which weights of the training"),
    Setting("intermediate", .flag, "also layers inside components"),
    Setting("teacher-forced", .flag, "also the error at every joint"),
    conditions, region, precision, compression, batchSize,
  ]

  /// Of `palimpsest report`.
  public static let report = [
    Setting("style", .text, "tmlr, neurips, iclr, icml, cvpr, poster, slide, or the path of a style file"),
    Setting("title", .text, "the page's heading"),
    Setting("single-file", .flag, "everything in index.html itself"),
  ]
}
