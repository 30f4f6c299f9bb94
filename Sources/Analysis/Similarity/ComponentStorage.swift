import Foundation
import Torch

/// Matrices `[images, rank]` of all taps: in memory as long as they fit, then in a file without a name.
final class ComponentStorage {
  private enum Place {
    case memory(Tensor)
    case file(offset: Int, rank: Int)
  }

  private let images: Int
  private let isExact: Bool
  private let memoryLimit: Int
  private let folder: String
  private var places: [Place?] = []
  private var held = 0
  private var descriptor: Int32 = -1
  private var end = 0

  private var size: Int { isExact ? MemoryLayout<Double>.stride : MemoryLayout<Float>.stride }

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

  deinit {
    if descriptor >= 0 { close(descriptor) }
  }

  /// Takes one more matrix; nil for a tap that has none.
  func append(_ vectors: Tensor?) throws {
    guard let vectors else { return places.append(nil) }
    let kept = try vectors.to(isExact ? .float64 : .float32).contiguous()
    let bytes = kept.count * size
    if held + bytes <= memoryLimit {
      held += bytes
      return places.append(.memory(kept))
    }
    if descriptor < 0 { try open() }
    try kept.withUnsafeBytes { values in
      var done = 0
      while done < bytes, let base = values.baseAddress {
        let moved = pwrite(descriptor, base + done, bytes - done, off_t(end + done))
        if moved < 0, errno == EINTR { continue }
        guard moved > 0 else { throw failed("write to the scratch file in") }
        done += moved
      }
    }
    places.append(.file(offset: end, rank: kept.extent(1)))
    end += bytes
  }

  /// The first `columns` of a tap's matrix in double precision, `[images, columns]`; nil where it has none.
  func vectors(_ tap: Int, columns: Int) throws -> Tensor? {
    let whole: Tensor
    switch places[tap] {
    case nil: return nil
    case .memory(let tensor): whole = tensor
    case .file(let offset, let rank): whole = try read(offset, rank)
    }
    return try whole.slice(1, 0..<columns).to(.float64).contiguous()
  }

  private func read(_ offset: Int, _ rank: Int) throws -> Tensor {
    func fill<Element: BitwiseCopyable & TensorElement>(_: Element.Type) throws -> Tensor {
      let buffer = Buffer<Element>(images * rank)
      let bytes = buffer.count * MemoryLayout<Element>.stride
      let target = UnsafeMutableRawPointer(buffer.pointer)
      var done = 0
      while done < bytes {
        let moved = pread(descriptor, target + done, bytes - done, off_t(offset + done))
        if moved < 0, errno == EINTR { continue }
        guard moved > 0 else { throw failed("read the scratch file in") }
        done += moved
      }
      return try buffer.tensor([images, rank])
    }
    return isExact ? try fill(Double.self) : try fill(Float.self)
  }

  private func open() throws {
    descriptor = ScratchFile.open(in: folder)
    guard descriptor >= 0 else { throw failed("create a scratch file in") }
  }

  private func failed(_ verb: String) -> AnalysisError {
    AnalysisError(.workFailed, "cannot \(verb) \(folder): \(String(cString: strerror(errno)))")
  }
}
