import CTorch

/// Where a tensor lies and its operations run.
public struct Device: Hashable, Sendable, CustomStringConvertible {
  public enum Kind: String, Sendable, CaseIterable {
    case cpu, cuda, mps
  }

  public let kind: Kind
  /// Which of several devices of the kind; -1 is the current one.
  public let index: Int

  public static let cpu = Device(.cpu)

  public init(_ kind: Kind, index: Int = -1) {
    self.kind = kind
    self.index = index
  }

  /// The device of a name as PyTorch writes it: `cpu`, `cuda`, `cuda:1`, `mps`; nil for any other.
  public init?(_ name: String) {
    let parts = name.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
    guard let kind = Kind(rawValue: String(parts[0])) else { return nil }
    guard parts.count > 1 else {
      self.init(kind)
      return
    }
    guard let index = Int32(parts[1]), index >= 0, parts[1].allSatisfy(\.isNumber) else { return nil }
    self.init(kind, index: Int(index))
  }

  /// Whether libtorch can use the device on this machine.
  public var isAvailable: Bool { max(index, 0) < Device.count(kind) }

  /// How many devices of a kind libtorch can use on this machine.
  public static func count(_ kind: Kind) -> Int { Int(pt_device_count(Device(kind).native.type)) }

  /// The best device of this machine: CUDA, else MPS, else the CPU.
  public static var best: Device {
    [Device(.cuda), Device(.mps)].first(where: \.isAvailable) ?? .cpu
  }

  /// Has the device compute in full float32 (no TF32, which cuDNN would take for convolutions by itself) and add up in the
  /// same order every time. Before the first operation there.
  public func prepare() throws {
    try check(pt_device_prepare(native.type), "prepare", description)
  }

  /// Waits until the device has done all that was asked of it.
  public func synchronize() throws {
    try check(pt_device_synchronize(native), "synchronize", description)
  }

  /// The most bytes that tensors had on the device at once; 0 for the CPU, and where libtorch does not tell.
  public var peakMemory: Int {
    get throws {
      var bytes: UInt64 = 0
      try check(pt_device_peak_memory(native, &bytes), "peakMemory", description)
      return Int(clamping: bytes)
    }
  }

  public var description: String { index < 0 ? kind.rawValue : "\(kind.rawValue):\(index)" }

  var native: pt_device {
    let type =
      switch kind {
      case .cpu: PT_CPU
      case .cuda: PT_CUDA
      case .mps: PT_MPS
      }
    return pt_device(type: type, index: Int32(index))
  }
}
