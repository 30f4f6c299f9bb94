private enum Reduction {
  static let sum = Operator("aten::sum")
  static let sumAxes = Operator("aten::sum", "dim_IntList")
  static let mean = Operator("aten::mean")
  static let meanAxes = Operator("aten::mean", "dim")
  static let maximum = Operator("aten::max")
  static let minimum = Operator("aten::min")
  static let argmax = Operator("aten::argmax")
  static let cumulativeSum = Operator("aten::cumsum")
  static let norm = Operator("aten::linalg_vector_norm")
  static let dot = Operator("aten::dot")
  static let isFinite = Operator("aten::isfinite")
  static let all = Operator("aten::all")
}

extension Tensor {
  /// The sum of all elements, rank 0; accumulated in `dtype` where given.
  public func sum(dtype: DType? = nil) throws -> Tensor {
    try Reduction.sum.one(.tensor(self), dtype.map(Argument.dtype) ?? .none)
  }

  public func sum(_ axes: [Int], keepingAxes: Bool = false, dtype: DType? = nil) throws -> Tensor {
    try Reduction.sumAxes.one(
      .tensor(self), .integers(axes), .boolean(keepingAxes), dtype.map(Argument.dtype) ?? .none)
  }

  /// The mean of all elements, rank 0.
  public func mean(dtype: DType? = nil) throws -> Tensor {
    try Reduction.mean.one(.tensor(self), dtype.map(Argument.dtype) ?? .none)
  }

  public func mean(_ axes: [Int], keepingAxes: Bool = false, dtype: DType? = nil) throws -> Tensor {
    try Reduction.meanAxes.one(
      .tensor(self), .integers(axes), .boolean(keepingAxes), dtype.map(Argument.dtype) ?? .none)
  }

  public func maximum() throws -> Tensor { try Reduction.maximum.one(.tensor(self)) }
  public func minimum() throws -> Tensor { try Reduction.minimum.one(.tensor(self)) }

  /// Where the greatest element along `axis` is, int64.
  public func argmax(_ axis: Int, keepingAxis: Bool = false) throws -> Tensor {
    try Reduction.argmax.one(.tensor(self), .integer(axis), .boolean(keepingAxis))
  }

  public func cumulativeSum(_ axis: Int, dtype: DType? = nil) throws -> Tensor {
    try Reduction.cumulativeSum.one(.tensor(self), .integer(axis), dtype.map(Argument.dtype) ?? .none)
  }

  /// The Euclidean norm of all elements, rank 0.
  public func norm() throws -> Tensor { try Reduction.norm.one(.tensor(self)) }

  /// The Euclidean norm over `axes`; its gradient at 0 is 0.
  public func norm(_ axes: [Int], keepingAxes: Bool = false) throws -> Tensor {
    try Reduction.norm.one(.tensor(self), .real(2), .integers(axes), .boolean(keepingAxes))
  }

  /// The inner product of two vectors of rank 1.
  public func dot(_ other: Tensor) throws -> Tensor { try Reduction.dot.one(.tensor(self), .tensor(other)) }

  /// Whether no element is infinite or not a number.
  public func isAllFinite() throws -> Bool {
    try Reduction.all.one(.tensor(Reduction.isFinite.one(.tensor(self)))).item() != 0
  }
}
