import Results

/// What the steps of each kind can be given: the flags of their commands, less those that `run` fills in itself.
public enum StepSettings {
  private static let precision = OptionDefinition("dtype", .choice(["float32", "float16"]), "precision of activations")
  private static let compression = OptionDefinition("compression", .text, "none, deflate or deflate:LEVEL")
  private static let batchSize = OptionDefinition("batch-size", count: CountRange.batch, "images computed at once")
  private static let seed = OptionDefinition("seed", .integer(atLeast: 0), "of everything that is drawn")
  private static let conditions = OptionDefinition("conditions", .conditions, "colour conditions beside original")
  private static let region = OptionDefinition("region", .text, "where conditions act: objects or class:NAME")

  /// Of a model: how it is loaded and how images become its input.
  public static let model = [
    OptionDefinition("architecture", .text, "of a bare .safetensors file"),
    OptionDefinition(
      "preprocess", .choice(["native", "exact", "paper"]),
      "the checkpoint's own way (exact: also for images of the input size), or stretched without a crop"),
    OptionDefinition("size", .text, "another input size, such as 640x480, or native"),
    OptionDefinition("control", .choice(["random-weights"]), "weights drawn by the seed instead of loaded"),
  ]

  /// What is wrong with counts that a command was given, as one sentence; nil where all are possible.
  ///
  /// - Parameters:
  ///   - counts: by the names of the options; nil where one was not given.
  ///   - table: the options of the command.
  public static func problem(with counts: [(name: String, count: Int?)], of table: [OptionDefinition]) -> String? {
    for (name, count) in counts {
      guard let count, let problem = table.first(where: { $0.name == name })?.problem(with: count) else { continue }
      return "--\(name) is \(count); \(problem)"
    }
    return nil
  }

  /// Of `palimpsest scenes`.
  public static let scenes = [
    OptionDefinition("count", count: CountRange.scenes, "how many images"),
    OptionDefinition("seed", .integer(atLeast: 0), "draws other images"),
    OptionDefinition("size", .size, "width and height in pixels"),
    OptionDefinition("context", .number, "how often an object is shown in the surrounding of its class, 0 to 1"),
  ]

  /// Of `palimpsest extract`.
  public static let features = [
    OptionDefinition("taps", .list, "all, stages, or names"),
    OptionDefinition("tokens", .choice(["all", "mean", "prefix"]), "which tokens are kept"),
    precision, conditions, region, compression, batchSize, seed,
    OptionDefinition("strict", .flag, "an image that cannot be read is an error"),
  ]

  /// Of `palimpsest train`.
  public static let inverses = [
    OptionDefinition("mode", .choice(["modular", "end-to-end", "modular-then-polish"]), "what is trained"),
    OptionDefinition(
      "inverse", .choice(["network", "residual", "ridge", "mean-image", "nearest-image"]), "what an inverse is"),
    OptionDefinition("ridge", .text, "of inverse: ridge and residual, auto or a number"),
    OptionDefinition(
      "neighbourhood", .choice(["1", "3", "5", "7"]),
      "of inverse: ridge and residual, tokens along a side of the square that a map takes"),
    OptionDefinition("exact-embedding", .flag, "undo a patch embedding by the inverse of its own matrix"),
    OptionDefinition("modules", .list, "taps at which the model is cut"),
    OptionDefinition("profile", .choice(["default", "paper"]), "architectures of the inverses"),
    OptionDefinition(
      "loss", .choice(["feature", "whitened", "image"]), "by what modules that give activations are trained"),
    OptionDefinition("feature-share", .number, "of loss: image, how much is the plain error of the activation, 0 to 1"),
    OptionDefinition("best", .choice(["image", "loss"]), "by what the best weights are chosen"),
    OptionDefinition("input-noise", .flag, "train the module that ends in pixels on inputs with errors"),
    OptionDefinition("epochs", count: CountRange.epochs, "how often every image is seen"),
    OptionDefinition("polish-epochs", count: CountRange.epochs, "epochs of polishing"),
    OptionDefinition("polish-factor", .number, "what polishing multiplies the learning rates by"),
    OptionDefinition(
      "patience", count: 0...CountRange.epochs.upperBound,
      "epochs without a lower validation loss before a module stops; 0: never"),
    OptionDefinition(
      "evaluate-every", count: 0...CountRange.epochs.upperBound, "epochs between sheets of validation images; 0: none"),
    batchSize,
    OptionDefinition("accumulate", count: CountRange.batch, "batches in a step"),
    OptionDefinition("learning-rate", .list, "one, or TAP=RATE"),
    OptionDefinition("schedule", .choice(["constant", "cosine"]), "of the learning rate"),
    OptionDefinition("warmup", count: CountRange.steps, "steps over which the rates rise"),
    OptionDefinition("optimizer", .choice(["adam", "adamw"]), "which optimiser"),
    OptionDefinition("weight-decay", .number, "how strongly weights are drawn to zero"),
    OptionDefinition("validation-share", .number, "share of the images that validates"),
    seed,
  ]

  /// Of `palimpsest reconstruct`.
  public static let reconstructions = [
    OptionDefinition("weights", .choice(["best", "last"]), "which weights of the training"),
    OptionDefinition("intermediate", .flag, "also layers inside components"),
    OptionDefinition("teacher-forced", .flag, "also the error at every joint"),
    conditions, region, precision, compression, batchSize,
  ]

  /// Of `palimpsest report`.
  public static let report = [
    OptionDefinition("style", .text, "tmlr, neurips, iclr, icml, cvpr, poster, slide, or the path of a style file"),
    OptionDefinition("title", .text, "the page's heading"),
    OptionDefinition("summary", .text, "the author's words below the pictures at the top, as Markdown"),
    OptionDefinition("paths", .flag, "the page says where files lie on this machine"),
    OptionDefinition("single-file", .flag, "everything in index.html itself"),
  ]
}
