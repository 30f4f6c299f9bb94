import Torch

/// Matrices `[images, rank]` of all taps: in memory as long as they fit, then in a scratch file.
final class ComponentStorage {
  private enum Location {
    case memory(Tensor)
    case file(ScratchFile, offset: Int, rank: Int)
  }

  private let images: Int
  private let isExact: Bool
  private let memoryLimit: Int
  private let folder: String
  /// nil for a tap without a matrix.
  private var locations: [Location?] = []
  private var bytesInMemory = 0
  private var file: ScratchFile?
  private var bytesInFile = 0

  private var stride: Int { isExact ? MemoryLayout<Double>.stride : MemoryLayout<Float>.stride }

  /// - Parameters:
  ///   - isExact: whether to keep double precision.
  ///   - memoryLimit: bytes to hold.
  ///   - folder: where a scratch file goes if one is needed.
  init(images: Int, isExact: Bool, memoryLimit: Int, folder: String) {
    self.images = images
    self.isExact = isExact
    self.memoryLimit = memoryLimit
    self.folder = folder
  }

  /// Takes one more matrix; nil for a tap that has none.
  func append(_ vectors: Tensor?) throws {
    guard let vectors else { return locations.append(nil) }
    let values = try vectors.to(isExact ? .float64 : .float32).contiguous()
    let bytes = values.count * stride
    if bytesInMemory + bytes <= memoryLimit {
      bytesInMemory += bytes
      return locations.append(.memory(values))
    }
    let file = try file ?? ScratchFile(in: folder)
    self.file = file
    try values.withUnsafeBytes { try file.write($0, at: bytesInFile) }
    locations.append(.file(file, offset: bytesInFile, rank: values.extent(1)))
    bytesInFile += bytes
  }

  /// The first `columns` of a tap's matrix in double precision, `[images, columns]`; nil where it has none.
  func vectors(_ tap: Int, columns: Int) throws -> Tensor? {
    let whole: Tensor
    switch locations[tap] {
    case nil: return nil
    case .memory(let tensor): whole = tensor
    case .file(let file, let offset, let rank):
      whole =
        isExact ? try read(Double.self, file, offset, rank) : try read(Float.self, file, offset, rank)
    }
    return try whole.slice(1, 0..<columns).to(.float64).contiguous()
  }

  private func read<Element: BitwiseCopyable & TensorElement>(
    _: Element.Type, _ file: ScratchFile, _ offset: Int, _ rank: Int
  ) throws -> Tensor {
    let buffer = Buffer<Element>(images * rank)
    let values = UnsafeMutableBufferPointer(start: buffer.pointer, count: buffer.count)
    try file.read(into: UnsafeMutableRawBufferPointer(values), at: offset)
    return try buffer.tensor([images, rank])
  }
}
