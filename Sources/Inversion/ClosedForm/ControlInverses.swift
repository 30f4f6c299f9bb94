import Backbones
import NeuralNet
import Torch

/// The mean of the training images, whatever the activation: what an inverse must beat to have learned anything.
final class MeanImage: ClosedFormLayer {
  private let image: Parameter
  private var sum: Tensor?
  private var count: Tensor?

  init(height: Int, width: Int) { image = Parameter([3, height, width], isLearned: false) }

  var contents: [ModuleEntry] { [.parameter("image", image)] }

  func callAsFunction(_ input: Tensor, context: InverseContext) throws -> Tensor {
    try image.value.unsqueezed(0).expanded([input.extent(0), -1, -1, -1])
  }

  func observe(_ input: Tensor, goal: Tensor, role: ObservationRole, context: InverseContext) throws {
    guard role == .training else { return }
    let device: Device = goal.device.kind == .mps ? .cpu : goal.device
    let images = try goal.to(device).to(.float64)
    let valid = try context.validity(grid: context.size, device: goal.device)?.to(device)
      .unsqueezed(1).to(.float64)
    let imageCount =
      try valid?.sum([0]) ?? Tensor.full([1, 1, 1], Double(images.extent(0)), dtype: .float64, device: device)
    let total = try (valid.map { try images * $0 } ?? images).sum([0])
    sum = try sum.map { try $0 + total } ?? total
    count = try count.map { try $0 + imageCount } ?? imageCount
  }

  func solve() throws {
    guard let sum, let count else { return }
    try image.set((sum / count.clamped(low: 1)).to(.float32).to(image.value.device).contiguous())
    (self.sum, self.count) = (nil, nil)
  }
}

/// The training image whose activation is nearest, in Euclidean distance: what retrieval alone gives.
///
/// Activations are compared with each token narrowed to a few channels by a random map, which keeps distances roughly
/// (Johnson and Lindenstrauss 1984) and memory bounded.
final class NearestImage: ClosedFormLayer {
  /// Numbers by which an activation is compared, about.
  private static let mostNumbers = 4096
  /// Bytes that the images and activations of all cuts may take in their files; pixels take four times as much when loaded.
  private static let mostBytes = 256 << 20

  private let capacity: Int
  private let narrowed: Int
  private let narrowing: Parameter
  private let descriptors: Parameter
  private let images: Parameter
  private var observed: [(descriptor: Tensor, image: Tensor)] = []
  private var kept = 0
  private(set) var note = ""

  /// - Parameters:
  ///   - images: how many training images there are; those beyond the bound on memory are left out.
  ///   - cuts: how many cuts share the bound.
  init(source: Tap, height: Int, width: Int, images count: Int, cuts: Int) {
    narrowed = max(1, min(source.channels, NearestImage.mostNumbers / source.tokens))
    let numbers = source.tokens * narrowed
    let perImage = 3 * height * width + 4 * numbers
    capacity = max(1, min(count, NearestImage.mostBytes / max(1, cuts) / perImage))
    narrowing = Parameter([source.channels, narrowed], .normal(1), isLearned: false)
    descriptors = Parameter([capacity, numbers], isLearned: false)
    images = Parameter([capacity, height, width, 3], isLearned: false)
  }

  var contents: [ModuleEntry] {
    [
      .parameter("narrowing", narrowing), .parameter("descriptors", descriptors), .parameter("images", images),
    ]
  }

  private func descriptor(of input: Tensor) throws -> Tensor {
    try input.matmul(narrowing.value).reshaped(input.extent(0), -1)
  }

  func callAsFunction(_ input: Tensor, context: InverseContext) throws -> Tensor {
    let queries = try descriptor(of: input)
    let others = try descriptors.value
    // ‖a − b‖² less ‖a‖², which is the same for every b.
    let distances = try (others * others).sum([1]).unsqueezed(0) - queries.matmul(others.transposed(0, 1)) * 2
    let nearest = try (-distances).argmax(1)
    let pixels = try images.value.indexed(0, by: nearest).permuted(0, 3, 1, 2).to(.float32) / 255
    return try context.scale.normalize(pixels)
  }

  func observe(_ input: Tensor, goal: Tensor, role: ObservationRole, context: InverseContext) throws {
    guard role == .training, kept < capacity else { return }
    let count = min(input.extent(0), capacity - kept)
    let pixels = try context.scale.bytes(goal.slice(0, 0..<count))
    observed.append((try descriptor(of: input.slice(0, 0..<count)), pixels))
    kept += count
  }

  func solve() throws {
    guard !observed.isEmpty else { return }
    let device = try narrowing.value.device
    var (descriptors, images) = (observed.map(\.descriptor), observed.map(\.image))
    if kept < capacity {
      // Images that could not be read: the first one again stands in their place, and is never nearer than itself.
      let missing = capacity - kept
      descriptors.append(try descriptors[0].slice(0, 0..<1).expanded([missing, -1]))
      images.append(try images[0].slice(0, 0..<1).expanded([missing, -1, -1, -1]))
    }
    try self.descriptors.set(Tensor.concatenate(descriptors, axis: 0).to(device))
    try self.images.set(Tensor.concatenate(images, axis: 0).to(device))
    note = "the nearest of \(kept) training images"
    observed = []
  }
}
