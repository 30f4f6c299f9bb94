import CTorch

private enum Network {
  static let linear = Operator("aten::linear")
  static let convolution = Operator("aten::conv2d")
  static let transposedConvolution = Operator("aten::conv_transpose2d", "input")
  static let layerNorm = Operator("aten::layer_norm")
  static let batchNorm = Operator("aten::batch_norm")
  static let gelu = Operator("aten::gelu")
  static let relu = Operator("aten::relu")
  static let reluInPlace = Operator("aten::relu_")
  static let silu = Operator("aten::silu")
  static let sigmoid = Operator("aten::sigmoid")
  static let softmax = Operator("aten::softmax", "int")
  static let attention = Operator("aten::scaled_dot_product_attention")
  static let maxPool = Operator("aten::max_pool2d")
  static let averagePool = Operator("aten::avg_pool2d")
  static let adaptiveAveragePool = Operator("aten::adaptive_avg_pool2d")
  static let bicubic = Operator("aten::upsample_bicubic2d", "vec")
  static let bicubicAntialiased = Operator("aten::_upsample_bicubic2d_aa", "vec")
  static let dropout = Operator("aten::dropout")
  static let meanSquaredError = Operator("aten::mse_loss")
  static let pixelShuffle = Operator("aten::pixel_shuffle")
}

extension Tensor {
  /// `self · weightᵀ + bias` over the last axis. `weight`: [out, in].
  public func linear(weight: Tensor, bias: Tensor?) throws -> Tensor {
    try Network.linear.one(.tensor(self), .tensor(weight), .optional(bias))
  }

  /// Cross-correlation of `[B, C, H, W]` with `weight` [out, in / groups, kernel, kernel].
  public func convolved(
    weight: Tensor, bias: Tensor?, stride: [Int] = [1, 1], padding: [Int] = [0, 0], dilation: [Int] = [1, 1],
    groups: Int = 1
  ) throws -> Tensor {
    try Network.convolution.one(
      .tensor(self), .tensor(weight), .optional(bias), .integers(stride), .integers(padding), .integers(dilation),
      .integer(groups))
  }

  /// The transpose of a convolution. `weight`: [in, out / groups, kernel, kernel].
  public func transposeConvolved(
    weight: Tensor, bias: Tensor?, stride: [Int] = [1, 1], padding: [Int] = [0, 0], outputPadding: [Int] = [0, 0],
    groups: Int = 1, dilation: [Int] = [1, 1]
  ) throws -> Tensor {
    if let bias, device.kind == .cpu, groups == 1, dilation == [1, 1], stride.count == 2, padding.count == 2,
      outputPadding.count == 2
    {
      return try transposeConvolved(weight, bias, stride, padding, outputPadding)
    }
    return try Network.transposedConvolution.one(
      .tensor(self), .tensor(weight), .optional(bias), .integers(stride), .integers(padding), .integers(outputPadding),
      .integer(groups), .integers(dilation))
  }

  /// The same operator with gradients that take a fraction of the time.
  private func transposeConvolved(
    _ weight: Tensor, _ bias: Tensor, _ stride: [Int], _ padding: [Int], _ outputPadding: [Int]
  ) throws -> Tensor {
    var out: OpaquePointer?
    try check(
      pt_transposed_convolution(
        handle, weight.handle, bias.handle, stride.map(Int64.init), padding.map(Int64.init),
        outputPadding.map(Int64.init), &out),
      "conv_transpose2d", "\(summary), \(weight.summary)")
    guard let out else { throw TorchError(operation: "conv_transpose2d", reason: "no tensor returned") }
    return Tensor(owned: out)
  }

  /// Normalised over the last axis: zero mean, unit (population) variance, then scale and shift.
  public func layerNormalized(weight: Tensor?, bias: Tensor?, epsilon: Double) throws -> Tensor {
    try Network.layerNorm.one(
      .tensor(self), .integers([extent(-1)]), .optional(weight), .optional(bias), .real(epsilon))
  }

  /// Batch normalisation over axis 1. In training, `runningMean` and `runningVariance` are updated in place.
  public func batchNormalized(
    weight: Tensor?, bias: Tensor?, runningMean: Tensor?, runningVariance: Tensor?, training: Bool, momentum: Double,
    epsilon: Double
  ) throws -> Tensor {
    try Network.batchNorm.one(
      .tensor(self), .optional(weight), .optional(bias), .optional(runningMean), .optional(runningVariance),
      .boolean(training), .real(momentum), .real(epsilon), .boolean(false))
  }

  /// Gaussian error linear unit: exact (erf), or the approximation by tanh.
  public func gelu(tanhApproximation: Bool = false) throws -> Tensor {
    try Network.gelu.one(.tensor(self), .string(tanhApproximation ? "tanh" : "none"))
  }

  public func relu() throws -> Tensor { try Network.relu.one(.tensor(self)) }
  /// Overwrites this tensor's own memory.
  public func reluInPlace() throws -> Tensor { try Network.reluInPlace.one(.tensor(self)) }
  public func silu() throws -> Tensor { try Network.silu.one(.tensor(self)) }
  public func sigmoid() throws -> Tensor { try Network.sigmoid.one(.tensor(self)) }
  public func softmax(_ axis: Int) throws -> Tensor { try Network.softmax.one(.tensor(self), .integer(axis)) }

  /// Softmax(query · keyᵀ · scale + mask) · value.
  ///
  /// - Parameters:
  ///   - key: [B, heads, S, d], as `value`; `self` is the query, [B, heads, L, d].
  ///   - mask: bool (true takes part) or additive float, broadcastable to [B, heads, L, S].
  ///   - scale: 1/√d where nil.
  public func attention(key: Tensor, value: Tensor, mask: Tensor? = nil, scale: Double? = nil) throws -> Tensor {
    try Network.attention.one(
      .tensor(self), .tensor(key), .tensor(value), .optional(mask), .real(0), .boolean(false),
      scale.map(Argument.real) ?? .none)
  }

  /// Softmax(query · keyᵀ / √d + mask), `[B, heads, L, S]`: what ``attention(key:value:mask:scale:)`` averages the values with.
  ///
  /// It takes twice the memory of its result.
  ///
  /// - Parameters:
  ///   - key: [B, heads, S, d]; `self` is the query, [B, heads, L, d].
  ///   - mask: bool (true takes part) or additive float, broadcastable to [B, heads, L, S].
  public func attentionWeights(key: Tensor, mask: Tensor? = nil) throws -> Tensor {
    var scores = try (self * (1 / Double(extent(3)).squareRoot())).matmul(key.transposed(2, 3))
    if let mask {
      // Beside a number of that size every product is rounded away, and its exponential is 0.
      scores = try scores + (mask.dtype == .bool ? (mask.to(.float32) - 1) * 1e30 : mask)
    }
    return try scores.softmax(3)
  }

  public func maxPooled(kernel: [Int], stride: [Int], padding: [Int] = [0, 0]) throws -> Tensor {
    try Network.maxPool.one(.tensor(self), .integers(kernel), .integers(stride), .integers(padding))
  }

  public func averagePooled(kernel: [Int], stride: [Int]) throws -> Tensor {
    try Network.averagePool.one(.tensor(self), .integers(kernel), .integers(stride))
  }

  /// `[B, C, H, W]` averaged to `[B, C, height, width]`.
  public func adaptiveAveragePooled(height: Int, width: Int) throws -> Tensor {
    try Network.adaptiveAveragePool.one(.tensor(self), .integers([height, width]))
  }

  /// `[B, C, H, W]` resampled by bicubic interpolation; with `antialiased`, the support grows where it shrinks.
  public func bicubicResized(
    height: Int, width: Int, alignCorners: Bool = false, antialiased: Bool
  ) throws -> Tensor {
    let operation = antialiased ? Network.bicubicAntialiased : Network.bicubic
    return try operation.one(.tensor(self), .integers([height, width]), .boolean(alignCorners), .none)
  }

  /// The mean of squared differences, rank 0.
  public func meanSquaredError(to target: Tensor) throws -> Tensor {
    try Network.meanSquaredError.one(.tensor(self), .tensor(target), .integer(1))
  }
}
