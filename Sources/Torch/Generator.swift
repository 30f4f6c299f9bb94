import CTorch

/// A stream of random numbers of its own on a device: same seed, same device kind, same numbers.
public final class Generator {
  let handle: OpaquePointer
  public let device: Device

  public init(seed: UInt64, device: Device = .cpu) throws {
    var out: OpaquePointer?
    try check(pt_generator_create(device.native, seed, &out), "Generator", device.description)
    guard let out else { throw TorchError(operation: "Generator", reason: "no generator returned") }
    handle = out
    self.device = device
  }

  deinit {
    pt_generator_release(handle)
  }

  /// Where the stream stands: bytes to give to ``restore(_:)``, on the same kind of device.
  public func state() throws -> [UInt8] {
    var out: OpaquePointer?
    try check(pt_generator_state(handle, &out), "Generator.state")
    guard let out else { throw TorchError(operation: "Generator.state", reason: "no state returned") }
    return try Tensor(owned: out).values(as: UInt8.self)
  }

  /// Continues where another stream stood.
  public func restore(_ state: [UInt8]) throws {
    let tensor = try Tensor(state, shape: [state.count])
    try check(pt_generator_set_state(handle, tensor.handle), "Generator.restore", tensor.summary)
  }
}
