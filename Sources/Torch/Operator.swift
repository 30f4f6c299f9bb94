import CTorch

/// An operator of libtorch's dispatcher, found once by name, for example `Operator("aten::add", "Tensor")`.
///
/// Every operation of ``Tensor`` is a call of one of these, so that the shim needs no function for each.
public struct Operator: @unchecked Sendable {
  // A pointer to an immutable record that lives as long as the process: safe to share.
  private let handle: OpaquePointer?
  /// The operator's name with its overload, for messages.
  public let name: String

  /// Looks the operator up; that it exists is found out at the first call.
  public init(_ name: String, _ overload: String = "") {
    var found: OpaquePointer?
    let status = pt_operator_find(name, overload, &found)
    handle = status == PT_OK ? found : nil
    self.name = overload.isEmpty ? name : "\(name).\(overload)"
  }

  /// Whether this libtorch has the operator.
  public var isAvailable: Bool { handle != nil }

  /// Calls the operator and returns every tensor it returns, in order.
  ///
  /// - Parameter arguments: in the order of the operator's schema; trailing ones may be left off if they have defaults.
  /// - Throws: ``TorchError`` with the operands' shapes.
  public func callAsFunction(_ arguments: [Argument]) throws -> [Tensor] {
    guard let handle else { throw TorchError(operation: name, reason: "this libtorch has no such operator") }
    let capacity = 16
    return try withNativeValues(arguments) { values in
      try withUnsafeTemporaryAllocation(of: OpaquePointer?.self, capacity: capacity) { results in
        results.initialize(repeating: nil)
        var count = 0
        let status = pt_operator_call(handle, values.baseAddress, values.count, results.baseAddress, capacity, &count)
        try check(status, name, Operator.describe(arguments))
        return results[0..<count].compactMap { $0.map(Tensor.init(owned:)) }
      }
    }
  }

  /// Calls an operator that returns one tensor.
  public func one(_ arguments: Argument...) throws -> Tensor {
    let results = try self(arguments)
    guard let first = results.first else { throw TorchError(operation: name, reason: "it returned no tensor") }
    return first
  }

  private static func describe(_ arguments: [Argument]) -> String {
    arguments.compactMap(\.summary).joined(separator: ", ")
  }
}

/// One argument of an ``Operator``.
public enum Argument {
  case none
  case tensor(Tensor)
  case integer(Int)
  case real(Double)
  case boolean(Bool)
  case string(String)
  case integers([Int])
  case reals([Double])
  case booleans([Bool])
  case tensors([Tensor])
  case optionalTensors([Tensor?])
  case device(Device)
  case generator(Generator)

  /// A tensor, or none.
  public static func optional(_ tensor: Tensor?) -> Argument { tensor.map(Argument.tensor) ?? .none }
  /// An element type, which the dispatcher numbers.
  public static func dtype(_ dtype: DType) -> Argument { .integer(Int(dtype.rawValue)) }

  /// Type and shape of tensors, sizes of lists; nil for what does not help to understand an error.
  var summary: String? {
    switch self {
    case .tensor(let tensor): tensor.summary
    case .tensors(let tensors): "(" + tensors.map(\.summary).joined(separator: ", ") + ")"
    case .integer(let value): "\(value)"
    case .integers(let values): "\(values)"
    default: nil
    }
  }
}

/// Lends `arguments` to `body` in the shim's form; everything they point to lives until `body` returns.
private func withNativeValues<Result>(
  _ arguments: [Argument], _ body: (UnsafeBufferPointer<pt_value>) throws -> Result
) rethrows -> Result {
  var owned: [UnsafeMutableRawPointer] = []
  defer { for pointer in owned { pointer.deallocate() } }

  func lend<Element>(_ items: [Element]) -> UnsafeRawPointer {
    let bytes = max(1, items.count * MemoryLayout<Element>.stride)
    let memory = UnsafeMutableRawPointer.allocate(byteCount: bytes, alignment: 16)
    items.withUnsafeBytes { source in
      if let base = source.baseAddress { memory.copyMemory(from: base, byteCount: source.count) }
    }
    owned.append(memory)
    return UnsafeRawPointer(memory)
  }

  let values = arguments.map { argument -> pt_value in
    var value = pt_value()
    switch argument {
    case .none: value.kind = PT_NONE
    case .tensor(let tensor):
      value.kind = PT_TENSOR
      value.pointer = UnsafeRawPointer(tensor.handle)
    case .integer(let integer):
      value.kind = PT_INTEGER
      value.integer = Int64(integer)
    case .real(let real):
      value.kind = PT_REAL
      value.real = real
    case .boolean(let boolean):
      value.kind = PT_BOOLEAN
      value.integer = boolean ? 1 : 0
    case .string(let string):
      value.kind = PT_STRING
      value.pointer = lend(Array(string.utf8CString))
    case .integers(let integers):
      value.kind = PT_INTEGER_LIST
      value.pointer = lend(integers.map(Int64.init))
      value.count = integers.count
    case .reals(let reals):
      value.kind = PT_REAL_LIST
      value.pointer = lend(reals)
      value.count = reals.count
    case .booleans(let booleans):
      value.kind = PT_BOOLEAN_LIST
      value.pointer = lend(booleans.map { UInt8($0 ? 1 : 0) })
      value.count = booleans.count
    case .tensors(let tensors):
      value.kind = PT_TENSOR_LIST
      value.pointer = lend(tensors.map { Optional(UnsafeRawPointer($0.handle)) })
      value.count = tensors.count
    case .optionalTensors(let tensors):
      value.kind = PT_OPTIONAL_TENSOR_LIST
      value.pointer = lend(tensors.map { $0.map { UnsafeRawPointer($0.handle) } })
      value.count = tensors.count
    case .device(let device):
      value.kind = PT_DEVICE
      value.device = device.native
    case .generator(let generator):
      value.kind = PT_GENERATOR
      value.pointer = UnsafeRawPointer(generator.handle)
    }
    return value
  }
  // The tensors are referenced by `arguments`, which lives until this function returns.
  return try withExtendedLifetime(arguments) { try values.withUnsafeBufferPointer(body) }
}
