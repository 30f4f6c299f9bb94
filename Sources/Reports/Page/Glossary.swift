import Results

/// What the words of the page mean: terms of docs/glossary.md, and the metrics and measures of the registry.
package enum Glossary {
  package struct Term: Encodable, Sendable, Equatable {
    /// As it is written in text; the first is the term's name.
    package let words: [String]
    package let text: String

    init(_ words: String..., means text: String) {
      self.words = words
      self.text = text
    }
  }

  /// Of docs/glossary.md, word for word but for marks of emphasis and links; a test compares the two.
  package static let terms = [
    Term(
      "tap", "taps",
      means:
        "a named point in the model at which activations are read, such as block.5: the output of a step, as [N, T, C] "
        + "(images, tokens, channels), or by name a value inside a block, such as block.5.attention.q"),
    Term(
      "depth",
      means:
        "the position of a tap in its model. Every tap has a parent, the tap it is computed from; logits and boxes of DETR have "
        + "the same parent, the last layer of the decoder"),
    Term(
      "token", "tokens",
      means: "one vector of a tap: a patch of the image, a cell of a feature map, a query, or a prefix token"),
    Term("logits", means: "the scores of the classes before softmax"),
    Term("input", means: "the pixels a model sees, after resizing and cropping and before normalisation"),
    Term(
      "condition", "conditions",
      means:
        "a change of the input's colours, or of a region of it: original (none), red, hue+120, gray, … (all of them)"),
    Term("reconstruction", "reconstructions", means: "the image that a chain computes from the activations at a tap"),
    Term(
      "chain", "chains", means: "modules applied one after another, from a cut to the image"),
    Term(
      "cut", "cuts",
      means:
        "a tap at which the model is divided: a module leads from each cut to the cut before it, the first to the image. "
        + "--modules names the cuts"),
    Term(
      "modular", means: "each module is trained on its own, with the true activations as input and target"),
    Term(
      "end-to-end", means: "the whole chain of a cut is trained on the error of the image; the baseline"),
    Term(
      "ridge", "least squares",
      means:
        "a module as a linear map with the smallest squared error, in closed form; the baseline that a trained network must beat"
    ),
    Term(
      "interval", "intervals",
      means:
        "a 95 % confidence interval over images, from the bootstrap or (similarity) the jackknife, in the columns low and high"
    ),
    Term(
      "baseline", "null",
      means:
        "the value that chance gives: shuffled pairs of images (…_shuffled), random pairings (similarity_null.csv), permuted labels"
    ),
    Term("prototype", "prototypes", means: "the mean activation of the images of a class, and its reconstruction"),
    Term(
      "medoid", "medoids", means: "the image of a class whose activation is nearest to the others of the class"),
    Term(
      "store", "stores",
      means:
        "the HDF5 file with inputs, activations and reconstructions of a set of images (its schema)"),
  ]

  /// The terms, and the metrics of some tables, each once.
  static func all(of tables: [TableDefinition]) -> [Term] {
    var found = terms
    for metric in tables.flatMap(\.metrics)
    where !metric.definition.isEmpty && !found.contains(where: { $0.words.contains(metric.title) }) {
      let better =
        switch metric.better {
        case .high: " Higher is better."
        case .low: " Lower is better."
        case .none: ""
        }
      found.append(Term(metric.title, means: metric.definition + better))
    }
    return found
  }
}
