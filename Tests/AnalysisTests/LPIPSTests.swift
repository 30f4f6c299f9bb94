import Analysis
import Formats
import Foundation
import NeuralNet
import TestSupport
import Testing
import Torch

/// LPIPS as the analysis takes it.
private final class PerceptualNetwork: PerceptualDistance {
  private let network: LPIPS

  init(_ network: LPIPS) { self.network = network }

  var leastSide: Int { network.leastSide }
  func batch(height: Int, width: Int) -> Int { network.batch(height: height, width: width) }
  func features(of pixels: Tensor) throws -> [Tensor] { try network.features(of: pixels) }
  func distances(of pixels: Tensor, to features: [Tensor]) throws -> [Double] {
    try network.distances(of: pixels, to: features)
  }
}

/// LPIPS with drawn weights against the package `lpips`: values of `scripts/fixtures/lpips_values.py`.
struct LPIPSTests {
  struct Fixture: Decodable {
    struct Named: Decodable {
      let name: String
      let shape: [Int]

      init(from decoder: any Decoder) throws {
        var list = try decoder.unkeyedContainer()
        name = try list.decode(String.self)
        shape = try list.decode([Int].self)
      }
    }
    struct Pair: Decodable {
      let store: String
      let tap: String
      let row: Int
      let height: Int
      let width: Int
      let values: [String: Double?]
    }
    let tensors: [String: [Named]]
    let pairs: [Pair]
  }

  let fixture: Fixture

  init() throws {
    let url = SimilarityFixtureTests.folder.appendingPathComponent("lpips.json")
    fixture = try JSONDecoder().decode(Fixture.self, from: Data(contentsOf: url))
  }

  /// Number i of tensor k, as the script draws it: 24 bits of SplitMix64.
  private static func drawn(_ name: String, _ shape: [Int], tensor: Int) -> [Float] {
    let count = shape.reduce(1, *)
    let isBias = name.hasSuffix("bias")
    let fan = shape.dropFirst().reduce(1, *)
    let bound = Float(isBias ? 0.1 : (6 / Double(fan)).squareRoot())
    return (0..<count).map { place in
      var z = UInt64(tensor) &+ UInt64(place + 1) &* 0x9E37_79B9_7F4A_7C15
      z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
      z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
      let whole = Float((z ^ (z >> 31)) >> 40)
      return name.contains(".lin") ? whole * 0x1p-24 : (whole * 0x1p-23 - 1) * bound
    }
  }

  /// The network with the script's weights, and its tensors by their names in a file.
  private func network(_ trunk: LPIPS.Trunk) throws -> (network: LPIPS, tensors: [(name: String, tensor: Tensor)]) {
    let network = LPIPS(trunk)
    let expected = try #require(fixture.tensors[trunk.rawValue])
    let own = Dictionary(uniqueKeysWithValues: network.namedParameters().map { ("\(trunk.rawValue).\($0.name)", $0) })
    #expect(own.keys.sorted() == expected.map(\.name).sorted())
    var tensors: [(name: String, tensor: Tensor)] = []
    for (number, tensor) in expected.enumerated() {
      let parameter = try #require(own[tensor.name]).parameter
      #expect(parameter.shape == tensor.shape, "\(tensor.name)")
      let value = try Tensor(LPIPSTests.drawn(tensor.name, tensor.shape, tensor: number), shape: tensor.shape)
      try parameter.set(value)
      tensors.append((tensor.name, value))
    }
    network.announceChange()
    return (network, tensors)
  }

  private static func picture(_ bytes: [UInt8], _ size: ImageSize, _ pair: Fixture.Pair) throws -> Tensor {
    try Tensor(bytes, shape: [1] + size.shape + [3]).slice(1, 0..<pair.height).slice(2, 0..<pair.width)
  }

  @Test(arguments: LPIPS.Trunk.allCases)
  func valuesAreThoseOfThePackage(trunk: LPIPS.Trunk) throws {
    let network = try self.network(trunk).network
    var (compared, tooSmall) = (0, 0)
    for pair in fixture.pairs {
      let store = try QualityFixtureTests.store(pair.store)
      let size = try #require(try store.inputSize())
      let target = try LPIPSTests.picture(store.readInput(row: pair.row), size, pair)
      let image = try LPIPSTests.picture(store.readReconstruction(tap: pair.tap, row: pair.row), size, pair)
      guard let wanted = try #require(pair.values[trunk.rawValue]) else {
        // The package cannot take it either.
        #expect(min(pair.height, pair.width) < network.leastSide, "\(pair)")
        tooSmall += 1
        continue
      }
      #expect(min(pair.height, pair.width) >= network.leastSide, "\(pair)")
      let value = try network.distances(of: image, to: network.features(of: target))[0]
      #expect(abs(value - wanted) < 1e-5, "\(trunk) \(pair): \(value)")
      if pair.tap == "same" { #expect(value == 0) }
      compared += 1
    }
    #expect(compared >= 28 && tooSmall >= 2)
  }

  /// Whole analyses, with pictures of several sizes in one store.
  @Test func everyImageIsMeasuredOnItsValidPart() throws {
    let network = try self.network(.alex).network
    let sizes = [
      ImageSize(height: 64, width: 48), ImageSize(height: 64, width: 48), ImageSize(height: 30, width: 48),
      ImageSize(height: 40, width: 33),
    ]
    let source = try QualityFixtureTests.store("small")
    let store = QualityStore(
      name: "small", store: source, validSize: { sizes[$0] }, networks: [.lpips: PerceptualNetwork(network)])
    var settings = Quality.Settings()
    settings.metrics = [.lpips, .lpipsVGG]
    settings.selection.taps = ["blur", "noise"]
    var figures: [Quality.ImageValue] = []
    let result = try Quality.analyze([store], settings: settings, visit: { figures.append($0) })
    // Row 2 is too small.
    #expect(figures.map(\.path) == ["0.png", "0.png", "1.png", "1.png", "3.png", "3.png"])
    #expect(
      result.notes == [
        "lpips is left out of small for 1 image: it needs 31 pixels a side",
        "lpips_vgg is left out of small: give the weights with --lpips FILE; scripts/lpips_weights.py writes it",
      ])
    for figure in figures {
      let row = try #require(Int(figure.path.prefix(1)))
      func part(_ bytes: [UInt8]) throws -> Tensor {
        try Tensor(bytes, shape: [1, 64, 48, 3]).slice(1, 0..<sizes[row].height).slice(2, 0..<sizes[row].width)
      }
      let features = try network.features(of: part(source.readInput(row: row)))
      let alone = try network.distances(of: part(source.readReconstruction(tap: figure.tap, row: row)), to: features)
      #expect(abs(figure.value - alone[0]) < 1e-5, "\(figure)")
    }
    settings.memoryLimit = 1
    var again: [Quality.ImageValue] = []
    _ = try Quality.analyze([store], settings: settings, visit: { again.append($0) })
    #expect(zip(again, figures).allSatisfy { abs($0.value - $1.value) < 1e-5 } && again.count == figures.count)
  }

  @Test func weightsAreLoadedStrictly() throws {
    let temporary = try TemporaryFolder()
    defer { withExtendedLifetime(temporary) {} }
    let folder = temporary.url
    let (network, tensors) = try self.network(.alex)
    let whole = folder.appendingPathComponent("alex.safetensors")
    // The other trunk may be there or not, whole or not.
    try SafetensorsWriter.write(tensors + [("vgg.lin0.weight", try Tensor.zeros([1]))], to: whole)
    let checkpoint = try Checkpoint(file: whole)
    #expect(LPIPS.trunks(in: checkpoint) == [.alex, .vgg])
    let loaded = LPIPS(.alex)
    try loaded.load(checkpoint)
    let bytes: [UInt8] = (0..<8640).map { UInt8(($0 * 7) % 251) }
    let pictures = try Tensor(bytes, shape: [2, 40, 36, 3])
    let features = try network.features(of: pictures)
    #expect(try loaded.distances(of: pictures, to: features) == [0, 0])

    let part = folder.appendingPathComponent("part.safetensors")
    let fewer = tensors.filter { $0.name != "alex.lin3.weight" }
    try SafetensorsWriter.write(fewer + [("alex.lin5.weight", try Tensor.zeros([1]))], to: part)
    let error = #expect(throws: CheckpointError.self) { try LPIPS(.alex).load(Checkpoint(file: part)) }
    #expect(
      error?.description == "\(part.path): the checkpoint does not fit the configuration (read as LPIPS with alex): "
        + "1 missing (alex.lin3.weight); 1 unexpected (alex.lin5.weight); take the configuration that was saved with these weights, or the weights that it "
        + "was saved with")
  }
}
