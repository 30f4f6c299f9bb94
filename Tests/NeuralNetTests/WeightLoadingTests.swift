import Foundation
import NeuralNet
import TestSupport
import Testing
import Torch

/// Two layers under names of their own.
private final class SmallNetwork: Module {
  let first = Linear(2, 3, bias: true)
  let second = Linear(3, 1, bias: false)
  let norm = LayerNorm(3, epsilon: 1e-5)

  var contents: [ModuleEntry] {
    [.child("first", first), .child("norm", norm), .child("second", second)]
  }
}

struct WeightLoadingTests {
  private static let plain = CheckpointDialect(name: "plain") { .stored($0) }

  private func checkpoint(_ shapes: [(String, [Int])]) throws -> Checkpoint {
    let folder = try TemporaryFolder()
    let file = folder.url.appendingPathComponent("model.safetensors")
    let generator = try Generator(seed: 2)
    try SafetensorsWriter.write(
      shapes.map { ($0.0, try Tensor.randomNormal($0.1, generator: generator)) }, to: file)
    return try Checkpoint(at: file)
  }

  private static let whole: [(String, [Int])] = [
    ("first.weight", [3, 2]), ("first.bias", [3]), ("norm.weight", [3]), ("norm.bias", [3]), ("second.weight", [1, 3]),
  ]

  @Test func parametersHaveTheNamesOfTheTree() {
    #expect(SmallNetwork().namedParameters().map(\.name) == Self.whole.map(\.0))
    #expect(SmallNetwork().learnedCount == 6 + 3 + 3 + 3 + 3)
  }

  @Test func aWholeCheckpointLoads() throws {
    let network = SmallNetwork()
    let checkpoint = try checkpoint(Self.whole)
    try network.load(checkpoint, dialect: Self.plain)
    for (name, parameter) in network.namedParameters() {
      #expect(try parameter.value.values(as: Float.self) == checkpoint.tensor(named: name).values(as: Float.self))
    }
  }

  private static let remedy =
    "take the configuration that was saved with these weights, or the weights that it was saved with"

  /// The rest fits: only the file has to change, or the model is another.
  @Test func tensorsThatAreNotExpectedHaveTheirOwnRemedy() throws {
    let stored = try checkpoint(Self.whole + [("third.weight", [1])])
    let error = #expect(throws: CheckpointError.self) { try SmallNetwork().load(stored, dialect: Self.plain) }
    #expect(
      error?.description
        == "the checkpoint does not fit the configuration (read as plain): 1 unexpected (third.weight); save the file "
        + "without the tensors that are not expected, or take the configuration of the model that has them")
  }

  @Test func everythingThatIsWrongIsSaidAtOnceAndNothingIsLoaded() throws {
    let network = SmallNetwork()
    let damaged = try checkpoint([
      ("first.weight", [2, 3]), ("first.bias", [3]), ("norm.weight", [4]), ("second.weight", [1, 3]),
      ("second.bias", [1]), ("third.weight", [1]),
    ])
    let error = #expect(throws: CheckpointError.self) { try network.load(damaged, dialect: Self.plain) }
    #expect(
      error?.description
        == "the checkpoint does not fit the configuration (read as plain): 1 missing (norm.bias); "
        + "2 misshapen (first.weight is [2, 3], expected [3, 2], norm.weight is [4], expected [3]); "
        + "2 unexpected (second.bias, third.weight); \(Self.remedy)")
    #expect(throws: TorchError.self) { try network.first.bias?.value }
  }

  @Test func aDialectStacksReshapesAndIgnores() throws {
    let stored = try checkpoint([
      ("rows.a", [1, 2]), ("rows.b", [2, 2]), ("offset", [1, 3]), ("n.weight", [3]), ("n.bias", [3]),
      ("all", [5, 3]), ("buffer", [9]),
    ])
    let dialect = CheckpointDialect(name: "odd", ignores: { $0 == "buffer" }) { name in
      switch name {
      case "first.weight": .stacked(["rows.a", "rows.b"])
      case "first.bias": .reshaped("offset")
      case "second.weight": .rows("all", 3..<4)
      default: .stored(name.replacingOccurrences(of: "norm", with: "n"))
      }
    }
    let network = SmallNetwork()
    try network.load(stored, dialect: dialect)
    let rows = try stored.tensor(named: "rows.a").values(as: Float.self) + stored.tensor(named: "rows.b").values()
    #expect(try network.first.weight.value.values(as: Float.self) == rows)
    #expect(
      try network.second.weight.value.values(as: Float.self)
        == Array(stored.tensor(named: "all").values(as: Float.self)[9..<12]))
  }

  @Test func stackedPartsAreReportedByTheirOwnNames() throws {
    let dialect = CheckpointDialect(name: "odd") { name in
      name == "first.weight" ? .stacked(["q", "k", "v"]) : .stored(name)
    }
    let stored = try checkpoint([("q", [1, 2]), ("v", [1, 2])] + Self.whole.dropFirst())
    let error = #expect(throws: CheckpointError.self) { try SmallNetwork().load(stored, dialect: dialect) }
    #expect(
      error?.description == "the checkpoint does not fit the configuration (read as odd): 1 missing (k); \(Self.remedy)"
    )
    let wide = try checkpoint([("q", [1, 2]), ("k", [1, 3]), ("v", [1, 2])] + Self.whole.dropFirst())
    let shapes = #expect(throws: CheckpointError.self) { try SmallNetwork().load(wide, dialect: dialect) }
    #expect(
      shapes?.description == "the checkpoint does not fit the configuration (read as odd): "
        + "1 misshapen (q + k + v is [1, 2] + [1, 3] + [1, 2], expected [3, 2]); \(Self.remedy)")
  }

  @Test func drawnParametersFollowTheSeed() throws {
    func drawn(_ seed: UInt64) throws -> [[Float]] {
      let network = SmallNetwork()
      try network.drawParameters(Generator(seed: seed))
      return try network.namedParameters().map { try $0.parameter.value.values(as: Float.self) }
    }
    #expect(try drawn(1) == drawn(1))
    #expect(try drawn(1) != drawn(2))
    #expect(try drawn(1)[2] == [1, 1, 1], "norms begin as the identity")
  }
}
