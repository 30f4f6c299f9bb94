import Torch

/// Where a dialect keeps what the canonical network calls by one name.
public enum WeightRecipe: Equatable, Sendable {
  /// One tensor, as it is.
  case stored(String)
  /// One tensor, its elements in the wanted shape (for example [1, N, C] for [N, C]).
  case reshaped(String)
  /// Several, one below the other along axis 0: query, key and value.
  case stacked([String])
  /// Two vectors with as many zeros between them: biases of queries and values, and none of keys.
  case stackedAroundZeros(String, String)
  /// Rows of one tensor along axis 0.
  case rows(String, Range<Int>)
  /// Runs of rows of one tensor, in another order along axis 0.
  case reordered(String, [Range<Int>])

  /// The names of the file that it reads.
  public var sources: [String] {
    switch self {
    case .stored(let name), .reshaped(let name), .rows(let name, _), .reordered(let name, _): [name]
    case .stacked(let names): names
    case .stackedAroundZeros(let first, let last): [first, last]
    }
  }

  /// The same with something before every name of the file.
  public func prefixed(_ prefix: String) -> WeightRecipe {
    switch self {
    case .stored(let name): .stored(prefix + name)
    case .reshaped(let name): .reshaped(prefix + name)
    case .stacked(let names): .stacked(names.map { prefix + $0 })
    case .stackedAroundZeros(let first, let last): .stackedAroundZeros(prefix + first, prefix + last)
    case .rows(let name, let range): .rows(prefix + name, range)
    case .reordered(let name, let runs): .reordered(prefix + name, runs)
    }
  }
}

/// One spelling of a family's checkpoints: from canonical names to the file's.
public struct CheckpointDialect: Sendable {
  /// For messages: `transformers`, `timm (before 0.9)`, …
  public let name: String
  /// Where a canonical name is kept.
  public let recipe: @Sendable (String) -> WeightRecipe
  /// Tensors of the file that the network does not need, because it computes them itself.
  public let ignores: @Sendable (String) -> Bool
  /// What part of a larger model a tensor is of, where the network is only another part of it: `text tower`, `decoder`.
  public let leavesOut: @Sendable (String) -> String?
  /// What the files say that the network does not follow, in sentences for people.
  public let remarks: [String]

  public init(
    name: String, ignores: @escaping @Sendable (String) -> Bool = { _ in false },
    leavesOut: @escaping @Sendable (String) -> String? = { _ in nil }, remarks: [String] = [],
    recipe: @escaping @Sendable (String) -> WeightRecipe
  ) {
    self.name = name
    self.recipe = recipe
    self.ignores = ignores
    self.leavesOut = leavesOut
    self.remarks = remarks
  }
}

/// A part of a checkpoint that was not loaded, because the network is another part of the model it is of.
public struct LeftOutWeights: Equatable, Sendable {
  /// What it is: `text tower`, `decoder`.
  public let part: String
  public fileprivate(set) var tensors: Int
  /// How many numbers these tensors hold.
  public fileprivate(set) var numbers: Int
}

extension Module {
  /// Gives every parameter its value from `checkpoint`, strictly: every missing, unexpected or misshapen tensor is reported,
  /// all in one message, before anything is loaded.
  ///
  /// - Returns: the parts of the file that the dialect leaves out, in the order of the file.
  /// - Throws: ``CheckpointError``.
  @discardableResult
  public func load(_ checkpoint: Checkpoint, dialect: CheckpointDialect) throws -> [LeftOutWeights] {
    let parameters = namedParameters()
    var problems = LoadingProblems()
    var used: Set<String> = []
    for (name, parameter) in parameters {
      let recipe = dialect.recipe(name)
      used.formUnion(recipe.sources)
      problems.check(recipe, for: parameter.shape, in: checkpoint)
    }
    var leftOut: [LeftOutWeights] = []
    for name in checkpoint.names where !used.contains(name) && !dialect.ignores(name) {
      guard let part = dialect.leavesOut(name) else {
        problems.unexpected.append(name)
        continue
      }
      if !leftOut.contains(where: { $0.part == part }) {
        leftOut.append(LeftOutWeights(part: part, tensors: 0, numbers: 0))
      }
      for index in leftOut.indices where leftOut[index].part == part {
        leftOut[index].tensors += 1
        leftOut[index].numbers += checkpoint.shape(of: name)?.reduce(1, *) ?? 0
      }
    }
    if let message = problems.message(dialect: dialect.name) { throw CheckpointError(message) }
    for (name, parameter) in parameters {
      try parameter.set(dialect.recipe(name).tensor(from: checkpoint, shape: parameter.shape))
    }
    announceChange()
    return leftOut
  }
}

extension WeightRecipe {
  func tensor(from checkpoint: Checkpoint, shape: [Int]) throws -> Tensor {
    let tensor =
      switch self {
      case .stored(let name): try checkpoint.tensor(named: name)
      case .reshaped(let name): try checkpoint.tensor(named: name).reshaped(shape)
      case .stacked(let names): try Tensor.concatenate(names.map { try checkpoint.tensor(named: $0) }, axis: 0)
      case .stackedAroundZeros(let first, let last):
        try Tensor.concatenate(
          [
            checkpoint.tensor(named: first), Tensor.zeros([shape[0] / 3]).to(checkpoint.tensor(named: first).dtype),
            checkpoint.tensor(named: last),
          ], axis: 0)
      case .rows(let name, let range): try checkpoint.tensor(named: name).slice(0, range).clone()
      case .reordered(let name, let runs):
        try Tensor.concatenate(runs.map { try checkpoint.tensor(named: name).slice(0, $0) }, axis: 0)
      }
    return try tensor.to(.float32)
  }

  /// The shape of what the recipe gives, or nil where a source is missing or the sources do not fit together.
  func shape(in checkpoint: Checkpoint, wanted: [Int]) -> [Int]? {
    switch self {
    case .stored(let name): return checkpoint.shape(of: name)
    case .reshaped(let name):
      guard let shape = checkpoint.shape(of: name) else { return nil }
      return shape.reduce(1, *) == wanted.reduce(1, *) ? wanted : shape
    case .stacked(let names):
      let shapes = names.compactMap(checkpoint.shape(of:))
      guard let first = shapes.first, shapes.count == names.count, !first.isEmpty,
        shapes.allSatisfy({ $0.dropFirst() == first.dropFirst() && !$0.isEmpty })
      else { return nil }
      return [shapes.reduce(0) { $0 + $1[0] }] + first.dropFirst()
    case .stackedAroundZeros(let first, let last):
      guard let shape = checkpoint.shape(of: first), shape == checkpoint.shape(of: last), shape.count == 1 else {
        return nil
      }
      return [3 * shape[0]]
    case .rows(let name, let range):
      guard let shape = checkpoint.shape(of: name), let rows = shape.first, rows >= range.upperBound else { return nil }
      return [range.count] + shape.dropFirst()
    // All of the tensor is used, so that its own shape is what is wanted.
    case .reordered(let name, _): return checkpoint.shape(of: name)
    }
  }
}

/// Everything that is wrong between a network and a checkpoint.
private struct LoadingProblems {
  var missing: [String] = []
  var misshapen: [String] = []
  var unexpected: [String] = []

  mutating func check(_ recipe: WeightRecipe, for wanted: [Int], in checkpoint: Checkpoint) {
    let absent = recipe.sources.filter { checkpoint.shape(of: $0) == nil }
    guard absent.isEmpty else {
      missing += absent
      return
    }
    let found = recipe.shape(in: checkpoint, wanted: wanted)
    guard found != wanted else { return }
    let shapes = recipe.sources.map { "\(checkpoint.shape(of: $0) ?? [])" }.joined(separator: " + ")
    misshapen.append("\(recipe.sources.joined(separator: " + ")) is \(shapes), expected \(wanted)")
  }

  /// All of them, but of very many, as where two models are confused, the first.
  private static func listed(_ names: [String]) -> String {
    names.prefix(200).joined(separator: ", ") + (names.count > 200 ? " and \(names.count - 200) more" : "")
  }

  /// One line that lists them, or nil where there is nothing to report.
  func message(dialect: String) -> String? {
    let lists: [(String, [String])] = [
      ("missing", missing), ("misshapen", misshapen), ("unexpected", unexpected),
    ]
    let parts = lists.filter { !$0.1.isEmpty }.map { "\($0.1.count) \($0.0) (\(LoadingProblems.listed($0.1)))" }
    guard !parts.isEmpty else { return nil }
    return
      "the checkpoint does not fit the configuration (read as \(dialect)): \(parts.joined(separator: "; ")); \(remedy)"
  }

  private var remedy: String {
    missing.isEmpty && misshapen.isEmpty
      ? "save the file without the tensors that are not expected, or take the configuration of the model that has them"
      : "take the configuration that was saved with these weights, or the weights that it was saved with"
  }
}
