import CTorch

extension Tensor {
  /// Whether operations on this tensor record gradients for it.
  public var requiresGradient: Bool { pt_tensor_requires_gradient(handle) }

  /// Starts or stops recording gradients for a leaf.
  public func setRequiresGradient(_ value: Bool) throws {
    try check(pt_tensor_set_requires_gradient(handle, value), "setRequiresGradient", summary)
  }

  /// The gradient accumulated by ``backward(gradient:retainingGraph:)``, or nil.
  public func gradient() throws -> Tensor? {
    var out: OpaquePointer?
    try check(pt_tensor_gradient(handle, &out), "gradient", summary)
    return out.map(Tensor.init(owned:))
  }

  /// Forgets the accumulated gradient.
  public func clearGradient() throws {
    try check(pt_tensor_clear_gradient(handle), "clearGradient", summary)
  }

  /// Adds to the gradients of all leaves what this tensor's gradient contributes.
  ///
  /// - Parameter gradient: of this tensor's shape; 1 where nil, which only a tensor of one element allows.
  public func backward(gradient: Tensor? = nil, retainingGraph: Bool = false) throws {
    try check(pt_tensor_backward(handle, gradient?.handle, retainingGraph), "backward", summary)
  }

  /// The same numbers, cut off from the record of gradients; shares memory.
  public func detached() throws -> Tensor { try detachOperator.one(.tensor(self)) }
}

private let detachOperator = Operator("aten::detach")

/// Whether operations of this thread record gradients now.
public var recordsGradients: Bool { pt_gradients_enabled() }

/// Runs `body` without recording gradients.
///
/// libtorch's gradient mode belongs to the thread, which is why `body` is synchronous.
public func withoutGradients<Result>(_ body: () throws -> Result) rethrows -> Result {
  let before = pt_gradients_enabled()
  pt_set_gradients_enabled(false)
  defer { pt_set_gradients_enabled(before) }
  return try body()
}
