private enum Creation {
  static let zeros = Operator("aten::zeros")
  static let ones = Operator("aten::ones")
  static let full = Operator("aten::full")
  static let empty = Operator("aten::empty", "memory_format")
  static let arange = Operator("aten::arange", "start")
  static let eye = Operator("aten::eye")
  static let randn = Operator("aten::randn", "generator")
  static let rand = Operator("aten::rand", "generator")
  static let randperm = Operator("aten::randperm", "generator")
  static let toDType = Operator("aten::to", "dtype")
  static let toDevice = Operator("aten::to", "device")
  static let contiguous = Operator("aten::contiguous")
  static let clone = Operator("aten::clone")
  static let zerosLike = Operator("aten::zeros_like")
}

extension Tensor {
  // The trailing arguments of libtorch's factories: dtype, layout (none), device.

  public static func zeros(_ shape: [Int], dtype: DType = .float32, device: Device = .cpu) throws -> Tensor {
    try Creation.zeros.one(.integers(shape), .dtype(dtype), .none, .device(device))
  }

  public static func ones(_ shape: [Int], dtype: DType = .float32, device: Device = .cpu) throws -> Tensor {
    try Creation.ones.one(.integers(shape), .dtype(dtype), .none, .device(device))
  }

  public static func full(
    _ shape: [Int], _ value: Double, dtype: DType = .float32, device: Device = .cpu
  ) throws -> Tensor {
    try Creation.full.one(.integers(shape), .real(value), .dtype(dtype), .none, .device(device))
  }

  /// Uninitialised memory: write every element before reading one.
  public static func empty(_ shape: [Int], dtype: DType = .float32, device: Device = .cpu) throws -> Tensor {
    try Creation.empty.one(.integers(shape), .dtype(dtype), .none, .device(device))
  }

  /// The integers `start ..< end`, as `dtype`.
  public static func arange(
    _ start: Int = 0, _ end: Int, dtype: DType = .int64, device: Device = .cpu
  ) throws -> Tensor {
    try Creation.arange.one(.integer(start), .integer(end), .dtype(dtype), .none, .device(device))
  }

  /// The identity matrix `[n, n]`.
  public static func eye(_ n: Int, dtype: DType = .float32, device: Device = .cpu) throws -> Tensor {
    try Creation.eye.one(.integer(n), .dtype(dtype), .none, .device(device))
  }

  /// Independent standard normal numbers. The generator lies on the same device.
  public static func randomNormal(_ shape: [Int], generator: Generator, dtype: DType = .float32) throws -> Tensor {
    try Creation.randn.one(
      .integers(shape), .generator(generator), .dtype(dtype), .none, .device(generator.device))
  }

  /// Independent numbers uniform in [0, 1). The generator lies on the same device.
  public static func randomUniform(_ shape: [Int], generator: Generator, dtype: DType = .float32) throws -> Tensor {
    try Creation.rand.one(.integers(shape), .generator(generator), .dtype(dtype), .none, .device(generator.device))
  }

  /// A random order of `0 ..< n`, int64.
  public static func randomPermutation(_ n: Int, generator: Generator) throws -> Tensor {
    try Creation.randperm.one(
      .integer(n), .generator(generator), .dtype(.int64), .none, .device(generator.device))
  }

  public func zerosLike() throws -> Tensor { try Creation.zerosLike.one(.tensor(self)) }

  /// The same numbers as another element type; itself where it has it already.
  public func to(_ dtype: DType) throws -> Tensor {
    try Creation.toDType.one(.tensor(self), .dtype(dtype))
  }

  /// The same numbers on another device; itself where it is there already.
  public func to(_ device: Device) throws -> Tensor {
    if device == .cpu, self.device == .cpu { return self }
    return try Creation.toDevice.one(.tensor(self), .device(device), .dtype(dtype))
  }

  /// The same numbers one after the other in memory; itself where they are.
  public func contiguous() throws -> Tensor { try Creation.contiguous.one(.tensor(self)) }

  /// A tensor `[B, C, H, W]` that lies in memory as `[B, H, W, C]`; itself where it does.
  public func channelsLast() throws -> Tensor { try Creation.contiguous.one(.tensor(self), .integer(2)) }

  /// A copy with memory of its own.
  public func clone() throws -> Tensor { try Creation.clone.one(.tensor(self)) }
}
