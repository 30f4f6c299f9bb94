import Backbones
import Formats
import Foundation
import Inversion
import NeuralNet
import TestSupport
import Testing
import Torch

/// Maps in closed form against numpy's, and what they make of a small model.
@Suite(.serialized)
struct ClosedFormTests {
  private static let fixture = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent(
    "Fixtures/ridge.safetensors")

  /// Moments of the fixture's rows in three batches.
  private func moments(
    _ file: SafetensorsFile, _ prefix: String = "", masked: Bool = false, origin: RidgeMoments? = nil
  )
    throws -> RidgeMoments
  {
    let (rows, cells) = (try file.tensor(named: "\(prefix)rows"), try file.tensor(named: "\(prefix)cells"))
    let validity = masked ? try file.tensor(named: "validity") : nil
    var moments: RidgeMoments?
    for start in stride(from: 0, to: rows.extent(0), by: 5) {
      let range = start..<min(start + 5, rows.extent(0))
      let (x, y) = (try rows.slice(0, range), try cells.slice(0, range))
      let made = try moments ?? RidgeMoments(origin: origin?.origin ?? RidgeMoments.origin(x, y))
      try made.add(x, y, validity: validity?.slice(0, range))
      moments = made
    }
    return try #require(moments)
  }

  @Test func leastSquaresAgreeWithNumpy() throws {
    let file = try SafetensorsFile(contentsOf: Self.fixture)
    let training = try moments(file)
    let held = try moments(file, "held_", origin: training)
    for ridge in ["1e-08", "0.0001", "0.1", "1", "100"] {
      let solution = try RidgeSolution(training, validation: held, ridge: Double(ridge))
      #expect(try relativeError(solution.weight, file.tensor(named: "weight/\(ridge)")) < 1e-5, "\(ridge)")
      #expect(try relativeError(solution.intercept, file.tensor(named: "intercept/\(ridge)")) < 1e-5, "\(ridge)")
    }
    let partly = try moments(file, masked: true)
    let solution = try RidgeSolution(partly, validation: held, ridge: 0.1)
    #expect(try relativeError(solution.weight, file.tensor(named: "masked/weight")) < 1e-5)
    #expect(try relativeError(solution.intercept, file.tensor(named: "masked/intercept")) < 1e-5)
  }

  /// The ridge chosen is the one whose map has the smallest error on rows that did not make it, by numpy's reckoning.
  @Test func theRidgeIsChosenOnHeldRows() throws {
    let file = try SafetensorsFile(contentsOf: Self.fixture)
    let errors = try JSONDecoder().decode([String: Double].self, from: Data((file.metadata["errors"] ?? "").utf8))
    let best = try #require(errors.min { $0.value < $1.value })
    let training = try moments(file)
    let solution = try RidgeSolution(training, validation: moments(file, "held_", origin: training), ridge: nil)
    #expect(errors.count == RidgeSolution.candidates.count)
    let chosen = try #require(Double(best.key))
    #expect(abs(solution.ridge - chosen) < 1e-9 * chosen)
  }

  @Test(arguments: [
    // Same grid; a finer one; the image; an uneven grid over the image; queries; queries against a map.
    (
      Tap(name: "a", tokens: 7, channels: 3, grid: ImageSize(height: 2, width: 3), prefixTokens: 1),
      Tap(name: "b", tokens: 7, channels: 5, grid: ImageSize(height: 2, width: 3), prefixTokens: 1) as Tap?
    ),
    (
      Tap(name: "a", tokens: 6, channels: 3, grid: ImageSize(height: 2, width: 3)),
      Tap(name: "b", tokens: 20, channels: 2, grid: ImageSize(height: 4, width: 5))
    ),
    (Tap(name: "a", tokens: 6, channels: 3, grid: ImageSize(height: 2, width: 3)), nil),
    (Tap(name: "a", tokens: 4, channels: 3), Tap(name: "b", tokens: 4, channels: 2)),
    (
      Tap(name: "a", tokens: 4, channels: 3),
      Tap(name: "b", tokens: 6, channels: 2, grid: ImageSize(height: 2, width: 3))
    ),
  ])
  func cellsAreUndone(source: Tap, target: Tap?) throws {
    let layout = CellLayout(source: source, target: target, image: ImageSize(height: 9, width: 13))
    let shape = target.map { [2, $0.tokens, $0.channels] } ?? [2, 3, 9, 13]
    let goal = try Tensor.randomNormal(shape, generator: Generator(seed: 1))
    let cells = try layout.cells(of: goal)
    #expect(cells.shape == [2, layout.rows, layout.outputs])
    let prefix = layout.prefixTokens > 0 ? try goal.slice(1, 0..<layout.prefixTokens) : nil
    let undone = try layout.goal(of: cells, prefix: prefix)
    #expect(undone.shape == goal.shape)
    #expect(try (undone - goal).absolute().maximum().item() == 0)
    let activation = try Tensor.randomNormal([2, source.tokens, source.channels], generator: Generator(seed: 2))
    #expect(try layout.rows(of: activation, narrowing: nil).shape == [2, layout.rows, layout.inputs])
  }

  /// A target whose tokens are sums of three tokens of the source, each through a matrix of its own: a map of the square around a
  /// token finds these matrices, a map of the token alone cannot.
  @Test(arguments: [false, true]) func aMapOfTheNeighboursFindsWhatTheyContribute(isPadded: Bool) throws {
    let (grid, channels) = (ImageSize(height: 5, width: 6), 3)
    let generator = try Generator(seed: 5)
    let source = Tap(name: "a", tokens: grid.area, channels: channels, grid: grid)
    let target = Tap(name: "b", tokens: grid.area, channels: 2, grid: grid)
    let shows = isPadded ? try Tensor.ones([40, 5, 4]).padded([0, 2]) : try Tensor.ones([40, 5, 6])
    let validity = isPadded ? try shows.reshaped(40, grid.area, 1) : nil
    let input = try Tensor.randomNormal([40, grid.area, channels], generator: generator)
    // Padding is zeros to the neighbours, as the outside is; what it holds must not count.
    let around = try (input.reshaped(40, 5, 6, channels) * shows.unsqueezed(3)).padded([0, 0, 1, 1, 1, 1])
    // Above left, the token itself, to the right.
    let offsets = [(0, 0), (1, 1), (1, 2)]
    let matrices = try offsets.map { _ in try Tensor.randomNormal([channels, 2], generator: generator) }
    var goal = try Tensor.full([40, grid.area, 2], 0.25)
    for ((down, across), matrix) in zip(offsets, matrices) {
      let moved = try around.slice(1, down..<down + 5).slice(2, across..<across + 6)
      goal = try goal + moved.reshaped(40, grid.area, channels).matmul(matrix)
    }
    /// The map's weight and the largest error of a token that shows the image.
    func fit(_ neighbourhood: Int) throws -> (weight: Tensor, error: Double) {
      let layout = CellLayout(
        source: source, target: target, image: ImageSize(height: 20, width: 24), neighbourhood: neighbourhood)
      let rows = try layout.rows(of: input, narrowing: nil, validity: validity)
      let moments = try RidgeMoments(origin: RidgeMoments.origin(rows, goal))
      try moments.add(rows, goal, validity: validity)
      let solution = try RidgeSolution(moments, validation: moments, ridge: 1e-9)
      let difference = try rows.to(.float64).matmul(solution.weight) + solution.intercept - goal.to(.float64)
      let shown = try difference.reshaped(40, 5, 6, 2) * shows.unsqueezed(3).to(.float64)
      return (solution.weight, try shown.absolute().maximum().item())
    }
    let square = try fit(3)
    #expect(square.weight.shape == [9 * channels, 2])
    for ((down, across), matrix) in zip(offsets, matrices) {
      let first = (3 * down + across) * channels
      #expect(try relativeError(square.weight.slice(0, first..<first + channels), matrix) < 1e-5)
    }
    #expect(square.error < 1e-4)
    #expect(try fit(1).error > 1)
    // A row may not have more than 8,192 numbers; queries have no neighbours.
    let wide = Tap(name: "c", tokens: 4, channels: 1000, grid: ImageSize(side: 2))
    #expect(CellLayout(source: wide, target: nil, image: ImageSize(side: 8), neighbourhood: 3).inputs == 1000)
    let narrow = Tap(name: "c", tokens: 4, channels: 900, grid: ImageSize(side: 2))
    #expect(CellLayout(source: narrow, target: nil, image: ImageSize(side: 8), neighbourhood: 3).inputs == 8100)
    let queries = Tap(name: "d", tokens: 4, channels: 3)
    #expect(CellLayout(source: queries, target: queries, image: ImageSize(side: 8), neighbourhood: 3).inputs == 3)
  }

  private func solve(_ data: SyntheticData, _ plan: TrainingPlan, in folder: URL) throws -> TrainingSummary {
    try ClosedFormTraining(plan: plan, folder: InverseFolder(folder), data: data, device: .cpu) {
      try InversionChain(for: data.model.backbone, plan: plan)
    }.run()
  }

  /// Mean squared error of the image from each cut on the validation images, recomputed from the files.
  private func errors(_ data: SyntheticData, _ plan: TrainingPlan, in folder: URL) throws -> [Double] {
    let inverses = try TrainedInverses(
      InverseFolder(folder), for: data.model.backbone, sha256: data.model.checkpointSHA256, control: "none")
    let batch = try #require(try data.batch(DataSplit(plan, count: data.count).validation))
    return try plan.cuts.map { cut in
      let chain = try inverses.chain(from: cut)
      let context = try chain.context(height: plan.height, width: plan.width, scale: plan.scale, isTraining: false)
      let image = try chain.invert(
        chain.activation(at: cut, from: batch.features), from: cut, context: context)
      let errors = try context.pixelErrors(image, target: batch.images.pixels)
      return errors.reduce(0, +) / Double(errors.count)
    }
  }

  private func recordedErrors(_ folder: URL) throws -> [Double] {
    try String(contentsOf: InverseFolder(folder).curvesURL, encoding: .utf8).split(separator: "\n").dropFirst()
      .compactMap {
        Double($0.split(separator: ",")[6])
      }
  }

  @Test(arguments: ["timm-vit-non-square", "timm-deit3-small", "timm-swin-window3", "hf-detr-bottleneck"])
  func ridgeBeatsTheMeanImageAndIsRepeatable(name: String) throws {
    let data = try SyntheticData(name)
    let (ridge, again, mean) = (try TemporaryFolder(), try TemporaryFolder(), try TemporaryFolder())
    let plan = data.plan { $0.inverse = .ridge }
    let summary = try solve(data, plan, in: ridge.url)
    #expect(summary.isFinished && summary.modules.map(\.module) == plan.cuts)
    _ = try solve(data, plan, in: again.url)
    for cut in plan.cuts {
      let files = try [ridge, again].map { try Data(contentsOf: InverseFolder($0.url).weightsURL(cut, .best)) }
      #expect(files[0] == files[1], "\(cut)")
    }
    let recorded = try recordedErrors(ridge.url)
    let recomputed = try errors(data, plan, in: ridge.url)
    for (a, b) in zip(recorded, recomputed) { #expect(abs(a - b) < 1e-6 * max(a, 1e-6)) }
    let control = data.plan { $0.inverse = .meanImage }
    _ = try solve(data, control, in: mean.url)
    let means = try errors(data, control, in: mean.url)
    #expect(Set(means).count == 1)
    // 16 images are few for DETR's cells of 32 x 32 pixels: the map from its random features is hardly better than the mean.
    #expect(recomputed[0] < (name.contains("detr") ? 1 : 0.5) * means[0], "\(name): \(recomputed), \(means)")
    // The mean image is the mean of the training images.
    let rows = try DataSplit(control, count: data.count).training
    let batch = try #require(try data.batch(rows))
    let file = try SafetensorsFile(contentsOf: InverseFolder(mean.url).weightsURL(plan.cuts[0], .best))
    let image = try file.tensor(named: "\(plan.cuts[0]).layers.0.image")
    #expect(try relativeError(image, batch.images.pixels.mean([0])) < 1e-5)
  }

  @Test(arguments: [InverseKind.ridge, .meanImage, .nearestImage])
  func activationsThatAreNotFiniteAreRefusedByTapAndImage(kind: InverseKind) throws {
    let data = try SyntheticData()
    let plan = data.plan { $0.inverse = kind }
    let folder = try TemporaryFolder()
    for row in [
      try DataSplit(plan, count: data.count).training[4], try DataSplit(plan, count: data.count).validation[1],
    ] {
      data.infinite = (row, "block.1")
      let error = #expect(throws: InversionError.self) { try solve(data, plan, in: folder.url) }
      #expect(
        error?.description
          == "the activation at 'block.1' of image \(row) holds infinities or no numbers: the model's weights are damaged, or "
          + "the store's float16 is too narrow (extract it with --dtype float32)")
    }
    #expect(!FileManager.default.fileExists(atPath: InverseFolder(folder.url).efficiencyURL.path))
  }

  /// A map from each cut straight to the image is at least as good on its own training images as the chain of maps.
  @Test func directMapsLeadToTheImageInOneStep() throws {
    let data = try SyntheticData("timm-swin-window3")
    let folder = try TemporaryFolder()
    let plan = data.plan(.endToEnd) { $0.inverse = .ridge }
    _ = try solve(data, plan, in: folder.url)
    let chain = try InversionChain(for: data.model.backbone, plan: plan)
    #expect(chain.leadsDirectly)
    for cut in chain.cuts { #expect(try chain.modules(from: cut).map(\.name) == [cut]) }
    #expect(try errors(data, plan, in: folder.url).allSatisfy { $0 < 0.1 })
  }

  /// Shown a training image, the control gives that image back from every cut.
  @Test func theNearestImageOfATrainingImageIsItself() throws {
    let data = try SyntheticData("timm-deit3-small")
    let folder = try TemporaryFolder()
    let plan = data.plan { $0.inverse = .nearestImage }
    _ = try solve(data, plan, in: folder.url)
    let inverses = try TrainedInverses(
      InverseFolder(folder.url), for: data.model.backbone, sha256: data.model.checkpointSHA256, control: "none")
    let batch = try #require(try data.batch(Array(DataSplit(plan, count: data.count).training.prefix(5))))
    for cut in plan.cuts {
      let chain = try inverses.chain(from: cut)
      let context = try chain.context(height: plan.height, width: plan.width, scale: plan.scale, isTraining: false)
      let image = try chain.invert(
        chain.activation(at: cut, from: batch.features), from: cut, context: context)
      // Pixels are kept in 8 bits.
      #expect(try context.pixelErrors(image, target: batch.images.pixels).allSatisfy { $0 < 1e-5 }, "\(cut)")
    }
  }

  /// Where a patch has no more numbers than its token, the embedding's own inverse gives the image back.
  @Test func anExactEmbeddingGivesThePixelsBack() throws {
    var configuration = ViTConfiguration()
    configuration.inputSize = ImageSize(height: 24, width: 32)
    configuration.patchSize = ImageSize(side: 4)
    (configuration.embeddingDimension, configuration.depth, configuration.heads) = (64, 1, 2)
    let model = VisionTransformer(configuration, family: .vit)
    try model.drawParameters(Generator(seed: 3))
    let layer = try ExactPatchPixels(model, height: 24, width: 32)
    try layer.drawParameters(Generator(seed: 0))
    try layer.derive()
    let images = try Tensor.randomNormal([2, 3, 24, 32], generator: Generator(seed: 4))
    let tokens = try #require(try model.features(of: ImageBatch(pixels: images), taps: ["embed"])["embed"])
    let scale = PixelScale(rescaleFactor: 1 / 255, mean: [0.5, 0.5, 0.5], deviation: [0.5, 0.5, 0.5])
    let context = try InverseContext(backbone: model, height: 24, width: 32, scale: scale, isTraining: false)
    #expect(try relativeError(layer(tokens, context: context), images) < 1e-4)

    let small = try ModelRegistry.load(at: StepFixture.checkpoint("timm-vit-non-square")).backbone
    let size = try #require(small.nativeSize)
    let refusal = #expect(throws: InversionError.self) {
      try ExactPatchPixels(small, height: size.height, width: size.width)
    }
    #expect(refusal?.description.contains("so that pixels are lost; leave the flag out") == true)
    let swin = try ModelRegistry.load(at: StepFixture.checkpoint("timm-swin")).backbone
    #expect(throws: InversionError.self) { try ExactPatchPixels(swin, height: 64, width: 64) }
  }
}
