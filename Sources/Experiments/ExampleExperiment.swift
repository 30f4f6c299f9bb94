/// A commented experiment that works as it is.
public enum ExampleExperiment {
  /// - Parameter zoo: the folder with the small models.
  public static func text(zoo: String) -> String {
    func model(_ name: String) -> String { "'\(zoo.replacing("'", with: "''"))/\(name)'" }
    return """
      # An experiment of palimpsest run. Every key is in docs/experiments.md.
      #
      #   palimpsest run study.yaml --dry-run    what would be done, with sizes and times
      #   palimpsest run study.yaml              do it; again only what changed
      #
      # Relative paths are relative to this file. Each step is a command that could be typed:
      # the state of a run records them.

      title: What two small models keep of an image
      output: study-results          # default: this file's name and -results
      seed: 7                        # of every step that has none of its own

      # Sets of images: a folder, or scenes to draw. The first set is meant where none is named.
      images:
        shown:
          scenes: {count: 48, size: 96x96}
          limit: 32
        # photographs:
        #   folder: photos/
        #   labels: labels.csv             # path,label
        #   annotations: instances.json    # COCO

      # A folder as the Hub lays it out, or a bare file with its architecture.
      models:
        vit: \(model("vit"))
        swin: \(model("swin"))
        # other: {path: vit.safetensors, architecture: vit_base_patch16_224}
        # untrained: {path: vit/, control: random-weights}

      # Activations into stores/MODEL.h5, of every model unless models: names some.
      features:
        taps: all                    # all, stages, or names: [embed, block.3]
        tokens: all                  # all, mean or prefix
        dtype: float32               # float16 takes half the space
        conditions: [red, gray]      # beside original

      # Inverses into inverses/MODEL-NAME: every option of palimpsest train.
      inverses:
        - inverse: ridge             # the floor, in closed form; its name is ridge
          features: features         # from the stores above instead of running the model again
        # - {name: learned, images: shown, mode: modular, epochs: 30, schedule: cosine}
        # - {name: longer, like: learned, epochs: 100}
        # - {name: published, load: "inverses/{model}"}

      # Images back from every cut, into stores/MODEL-NAME.h5.
      reconstructions:
        inverses: [ridge]
        conditions: [red, gray]

      # Numbers into results/NAME: every option of palimpsest analyze.
      analyses:
        - analysis: similarity
          tokens: mean
          why: Which depths of the two models see the same
        - analysis: quality
          metrics: [mse, psnr, ssim, top1_agreement]

      # Figures and a page, into report/.
      report:
        style: tmlr

      """
  }
}
