private enum Shaping {
  static let reshape = Operator("aten::reshape")
  static let view = Operator("aten::view")
  static let permute = Operator("aten::permute")
  static let transpose = Operator("aten::transpose", "int")
  static let unsqueeze = Operator("aten::unsqueeze")
  static let squeeze = Operator("aten::squeeze", "dim")
  static let flatten = Operator("aten::flatten", "using_ints")
  static let expand = Operator("aten::expand")
  static let slice = Operator("aten::slice", "Tensor")
  static let select = Operator("aten::select", "int")
  static let narrow = Operator("aten::narrow")
  static let indexSelect = Operator("aten::index_select")
  static let concatenate = Operator("aten::cat")
  static let stack = Operator("aten::stack")
  static let split = Operator("aten::split_with_sizes")
  static let chunk = Operator("aten::chunk")
  static let roll = Operator("aten::roll")
  static let pad = Operator("aten::constant_pad_nd")
  static let gather = Operator("aten::gather")
  static let scatterAdd = Operator("aten::index_add_")
  static let repeated = Operator("aten::repeat")
  static let flip = Operator("aten::flip")
}

extension Tensor {
  /// The same elements in another shape; one extent may be -1. A view where the layout allows it.
  public func reshaped(_ shape: [Int]) throws -> Tensor { try Shaping.reshape.one(.tensor(self), .integers(shape)) }
  public func reshaped(_ shape: Int...) throws -> Tensor { try reshaped(shape) }

  /// The axes in another order; a view.
  public func permuted(_ axes: Int...) throws -> Tensor { try Shaping.permute.one(.tensor(self), .integers(axes)) }

  /// Two axes exchanged; a view.
  public func transposed(_ a: Int, _ b: Int) throws -> Tensor {
    try Shaping.transpose.one(.tensor(self), .integer(a), .integer(b))
  }

  /// With an axis of extent 1 inserted before `axis`.
  public func unsqueezed(_ axis: Int) throws -> Tensor { try Shaping.unsqueeze.one(.tensor(self), .integer(axis)) }

  /// Without `axis`, if its extent is 1.
  public func squeezed(_ axis: Int) throws -> Tensor { try Shaping.squeeze.one(.tensor(self), .integer(axis)) }

  /// The axes `from ... to` as one.
  public func flattened(from: Int = 0, to: Int = -1) throws -> Tensor {
    try Shaping.flatten.one(.tensor(self), .integer(from), .integer(to))
  }

  /// Broadcast to `shape` without copying; -1 keeps an extent.
  public func expanded(_ shape: [Int]) throws -> Tensor { try Shaping.expand.one(.tensor(self), .integers(shape)) }

  /// The elements `range` along `axis`; a view.
  public func slice(_ axis: Int, _ range: Range<Int>, step: Int = 1) throws -> Tensor {
    try Shaping.slice.one(
      .tensor(self), .integer(axis), .integer(range.lowerBound), .integer(range.upperBound), .integer(step))
  }

  /// The slice at `index` along `axis`, without that axis; a view.
  public func select(_ axis: Int, _ index: Int) throws -> Tensor {
    try Shaping.select.one(.tensor(self), .integer(axis), .integer(index))
  }

  /// The slices at `indices` (int64, rank 1) along `axis`; a copy.
  public func indexed(_ axis: Int, by indices: Tensor) throws -> Tensor {
    try Shaping.indexSelect.one(.tensor(self), .integer(axis), .tensor(indices))
  }

  /// Elements picked along `axis` by `indices` of the same rank.
  public func gathered(_ axis: Int, by indices: Tensor) throws -> Tensor {
    try Shaping.gather.one(.tensor(self), .integer(axis), .tensor(indices))
  }

  /// One tensor after the other along `axis`.
  public static func concatenate(_ tensors: [Tensor], axis: Int) throws -> Tensor {
    try Shaping.concatenate.one(.tensors(tensors), .integer(axis))
  }

  /// One tensor beside the other along a new axis.
  public static func stack(_ tensors: [Tensor], axis: Int = 0) throws -> Tensor {
    try Shaping.stack.one(.tensors(tensors), .integer(axis))
  }

  /// Pieces of the given extents along `axis`; views.
  public func split(_ extents: [Int], axis: Int) throws -> [Tensor] {
    try Shaping.split([.tensor(self), .integers(extents), .integer(axis)])
  }

  /// Rolled cyclically by `shifts` along `axes`.
  public func rolled(_ shifts: [Int], axes: [Int]) throws -> Tensor {
    try Shaping.roll.one(.tensor(self), .integers(shifts), .integers(axes))
  }

  /// With constants around it: (before, after) for the last axis, then for the one before it, and so on.
  public func padded(_ amounts: [Int], value: Double = 0) throws -> Tensor {
    try Shaping.pad.one(.tensor(self), .integers(amounts), .real(value))
  }

  /// Repeated `counts` times along the axes.
  public func repeated(_ counts: [Int]) throws -> Tensor { try Shaping.repeated.one(.tensor(self), .integers(counts)) }

  /// Mirrored along `axes`.
  public func flipped(_ axes: Int...) throws -> Tensor { try Shaping.flip.one(.tensor(self), .integers(axes)) }
}
