import CTorch

/// An array of numbers of any rank on a ``Device``, with the gradients that libtorch records for it.
///
/// A tensor is a counted reference to libtorch's; operations return new ones, or views that share memory where libtorch's
/// do. It is not `Sendable`: one thread runs tensor computations, libtorch parallelises inside.
public final class Tensor {
  let handle: OpaquePointer

  /// Takes over an owned handle.
  init(owned handle: OpaquePointer) {
    self.handle = handle
  }

  deinit {
    pt_tensor_release(handle)
  }

  // MARK: Shape

  public var rank: Int { pt_tensor_rank(handle) }

  /// The extents, outermost first.
  public var shape: [Int] {
    withUnsafeTemporaryAllocation(of: Int64.self, capacity: max(1, rank)) { buffer in
      pt_tensor_shape(handle, buffer.baseAddress)
      return (0..<rank).map { Int(buffer[$0]) }
    }
  }

  /// The steps in memory between neighbours along each axis, in elements.
  public var strides: [Int] {
    withUnsafeTemporaryAllocation(of: Int64.self, capacity: max(1, rank)) { buffer in
      pt_tensor_strides(handle, buffer.baseAddress)
      return (0..<rank).map { Int(buffer[$0]) }
    }
  }

  /// The number of elements.
  public var count: Int { Int(pt_tensor_count(handle)) }

  /// The extent of one axis; negative axes count from the end.
  public func extent(_ axis: Int) -> Int {
    let shape = shape
    return shape[axis < 0 ? axis + shape.count : axis]
  }

  public var dtype: DType {
    guard let dtype = DType(rawValue: pt_tensor_dtype(handle)) else {
      preconditionFailure("libtorch returned a tensor of an element type that no operation here asks for")
    }
    return dtype
  }

  public var device: Device {
    let native = pt_tensor_device(handle)
    let kind: Device.Kind =
      switch native.type {
      case PT_CUDA: .cuda
      case PT_MPS: .mps
      default: .cpu
      }
    return Device(kind, index: kind == .cpu ? -1 : Int(native.index))
  }

  /// Whether the elements lie in memory one after the other, the last axis fastest.
  public var isContiguous: Bool { pt_tensor_is_contiguous(handle) }

  /// Whether a tensor `[B, C, H, W]` lies in memory as `[B, H, W, C]`.
  public var isChannelsLast: Bool { pt_tensor_is_channels_last(handle) }

  /// Type and shape, for messages: `float32[2, 197, 768]`.
  public var summary: String {
    "\(dtype)[" + shape.map(String.init).joined(separator: ", ") + "]"
  }

  /// How many tensors are alive in the process. For leak tests.
  public static var liveCount: Int { Int(pt_live_tensors()) }

  /// The version of libtorch that Palimpsest was compiled against.
  public static var libtorchVersion: String { String(cString: pt_version()) }
}

// MARK: - Data in and out

extension Tensor {
  /// A tensor in CPU memory with a copy of `values`, row-major.
  ///
  /// - Throws: ``TorchError`` where the number of values is not the product of the shape.
  public convenience init<Element: TensorElement>(_ values: [Element], shape: [Int]) throws {
    try self.init(bytes: values.withUnsafeBytes { Array($0) }, shape: shape, dtype: Element.dtype)
  }

  /// A tensor in CPU memory with a copy of the bytes of row-major elements of type `dtype`.
  public convenience init(bytes: some Collection<UInt8>, shape: [Int], dtype: DType) throws {
    let expected = shape.reduce(1, *) * dtype.byteCount
    guard bytes.count == expected else {
      throw TorchError(
        operation: "Tensor", operands: "\(dtype)\(shape)", reason: "\(bytes.count) bytes given, \(expected) needed")
    }
    let copy: OpaquePointer? =
      try bytes.withContiguousStorageIfAvailable { storage in
        try Tensor.copyIn(UnsafeRawPointer(storage.baseAddress), shape: shape, dtype: dtype)
      } ?? Array(bytes).withUnsafeBytes { try Tensor.copyIn($0.baseAddress, shape: shape, dtype: dtype) }
    guard let copy else { throw TorchError(operation: "Tensor", reason: "no tensor returned") }
    self.init(owned: copy)
  }

  /// A tensor in CPU memory with a copy of row-major elements of type `dtype` at `pointer`.
  public convenience init(copying pointer: UnsafeRawBufferPointer, shape: [Int], dtype: DType) throws {
    let expected = shape.reduce(1, *) * dtype.byteCount
    guard pointer.count == expected else {
      throw TorchError(
        operation: "Tensor", operands: "\(dtype)\(shape)", reason: "\(pointer.count) bytes given, \(expected) needed")
    }
    self.init(owned: try Tensor.copyIn(pointer.baseAddress, shape: shape, dtype: dtype))
  }

  private static func copyIn(_ pointer: UnsafeRawPointer?, shape: [Int], dtype: DType) throws -> OpaquePointer {
    var out: OpaquePointer?
    let extents = shape.map(Int64.init)
    // Of an empty tensor nothing is copied, wherever from.
    try check(
      pt_tensor_copy_in(pointer, extents, extents.count, dtype.native, &out), "Tensor", "\(dtype)\(shape)")
    guard let out else { throw TorchError(operation: "Tensor", reason: "no tensor returned") }
    return out
  }

  /// A tensor over memory that `owner` keeps alive, without a copy.
  ///
  /// - Parameter memory: row-major elements, valid as long as `owner` lives; written to only by in-place operations.
  public convenience init(
    sharing memory: UnsafeMutableRawPointer, owner: AnyObject, shape: [Int], dtype: DType
  ) throws {
    var out: OpaquePointer?
    let extents = shape.map(Int64.init)
    let context = Unmanaged.passRetained(owner)
    let status = pt_tensor_wrap(
      memory, extents, extents.count, dtype.native,
      { pointer in
        if let pointer { Unmanaged<AnyObject>.fromOpaque(pointer).release() }
      }, context.toOpaque(), &out)
    if status != PT_OK { context.release() }
    try check(status, "Tensor", "\(dtype)\(shape)")
    guard let out else { throw TorchError(operation: "Tensor", reason: "no tensor returned") }
    self.init(owned: out)
  }

  /// Lends the bytes of a contiguous tensor in CPU memory, row-major.
  ///
  /// - Throws: ``TorchError`` for a tensor that is not contiguous or not in CPU memory; `contiguous()` and
  ///   `to(.cpu)` make one that is.
  public func withUnsafeBytes<Result>(_ body: (UnsafeRawBufferPointer) throws -> Result) throws -> Result {
    try withExtendedLifetime(self) { try body(bytes(for: "withUnsafeBytes")) }
  }

  /// The bytes of a contiguous tensor in CPU memory, row-major, for work that outlasts a closure, such as rows that another
  /// thread writes.
  ///
  /// Nothing in the pointer holds the memory. Whoever takes it keeps this tensor (its libtorch handle is what counts, not a
  /// copy of the bytes) until the last read: by `withExtendedLifetime`, or by storing the tensor beside the pointer. Nobody
  /// may change the tensor meanwhile.
  /// - Throws: ``TorchError`` as ``withUnsafeBytes(_:)`` does.
  public func borrowedBytes() throws -> UnsafeRawBufferPointer {
    try bytes(for: "borrowedBytes")
  }

  private func bytes(for operation: String) throws -> UnsafeRawBufferPointer {
    let bytes = count * dtype.byteCount
    guard isContiguous, let data = pt_tensor_data(handle) ?? (bytes == 0 ? UnsafeMutableRawPointer(handle) : nil) else {
      throw TorchError(operation: operation, operands: summary, reason: "the tensor is not contiguous in CPU memory")
    }
    return UnsafeRawBufferPointer(start: data, count: bytes)
  }

  /// The elements, row-major, converted to `Element`.
  public func values<Element: TensorElement>(as _: Element.Type = Element.self) throws -> [Element] {
    let plain = try to(.cpu).to(Element.dtype).contiguous()
    return try plain.withUnsafeBytes { Array($0.bindMemory(to: Element.self)) }
  }

  /// The one element of a tensor that has one.
  public func item() throws -> Double {
    guard count == 1 else { throw TorchError(operation: "item", operands: summary, reason: "not one element") }
    return try values(as: Double.self)[0]
  }
}

extension Tensor: CustomStringConvertible {
  public var description: String { "Tensor(\(summary))" }
}
