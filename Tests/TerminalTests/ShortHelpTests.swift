import Terminal
import Testing

/// What `-h` leaves of the help.
@Suite struct ShortHelpTests {
  private let help = """
    OVERVIEW: Put images through a model and its activations into a feature
    store.

    Interrupted at any instant, the same command goes on.

      palimpsest extract --model vit/ --out vit.h5

    USAGE: palimpsest extract --model <model> [--batch-size <n>]
                              [--a-rather-long-option <value>]

    OPTIONS:
      --model <model>         A folder with config.json and model.safetensors of timm
                              or transformers (docs/models.md lists the models); or a
                              name in the Hub.
      --batch-size <n>        How many images are computed at once. More need more
                              memory. (default: 8)
      --a-rather-long-option <value>
                              mean of the tokens that are not prefix tokens; prefix:
                              class and distillation. (values: all, mean, prefix;
                              default: all)
      --quiet                 Say nothing but errors.
      -h, --help              Show help information.

    """

  @Test func keepsTheFirstSentenceOfAnOptionWithItsValuesAndDefault() {
    #expect(
      ShortHelp.text(of: help) == """
        OVERVIEW: Put images through a model and its activations into a feature
        store.

        USAGE: palimpsest extract --model <model> [--batch-size <n>]
                                  [--a-rather-long-option <value>]

        OPTIONS:
          --model <model>         A folder with config.json and model.safetensors of
                                  timm or transformers (docs/models.md lists the models)
          --batch-size <n>        How many images are computed at once (default: 8)
          --a-rather-long-option <value>
                                  mean of the tokens that are not prefix tokens (values:
                                  all, mean, prefix; default: all)
          --quiet                 Say nothing but errors
          -h, --help              Show help information

        --help says more, with examples.
        """)
  }

  /// A name with a dot in it ends no sentence.
  @Test func namesOfFilesAreNotCut() {
    let short = ShortHelp.text(of: "OVERVIEW: A.\n\nUSAGE: x\n\nOPTIONS:\n  --a <b>    Reads a.json, b.h5. And more.\n")
    #expect(short.contains("--a <b>                 Reads a.json, b.h5\n"))
  }

  @Test func whatIsNoHelpStaysAsItIs() {
    #expect(ShortHelp.text(of: "palimpsest 1.0.0") == "palimpsest 1.0.0")
  }
}
