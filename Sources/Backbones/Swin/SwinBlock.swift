import Formats
import NeuralNet
import Torch

/// Multi-head self-attention within windows, with a learned bias for each offset between two tokens.
final class WindowAttention: Module {
  private let heads: Int
  private let headDimension: Int
  private let qkv: Linear
  private let biasTable: Parameter
  private let projection: Linear
  /// What `additive` gave for a layout, while the network is frozen.
  private var frozen: (layout: WindowLayout, additive: Tensor)?

  init(_ stage: SwinConfiguration.Stage, tableWindow: ImageSize, bias: Bool) {
    heads = stage.heads
    headDimension = stage.headDimension
    let inner = heads * headDimension
    qkv = Linear(stage.width, 3 * inner, bias: bias)
    biasTable = Parameter([tableWindow.map { 2 * $0 - 1 }.area, heads], .normal(0.02))
    projection = Linear(inner, stage.width, bias: true)
  }

  var contents: [ModuleEntry] {
    [.parameter("relative_position_bias_table", biasTable), .child("qkv", qkv), .child("proj", projection)]
  }

  /// residual + attention(input), both `[B, T, C]` on the layout's grid.
  func callAsFunction(
    _ input: Tensor, layout: WindowLayout, adding residual: Tensor, observer: BlockObserver? = nil
  ) throws -> Tensor {
    let windows = try layout.partition(input)
    let (count, area) = (windows.extent(0), windows.extent(1))
    let parts = try qkv(windows).reshaped(count, area, 3, heads, headDimension).permuted(2, 0, 3, 1, 4)
    let (query, key, value) = (try parts.select(0, 0), try parts.select(0, 1), try parts.select(0, 2))
    let mask = try additive(layout, batch: count / layout.geometry.count)
    try observer?.attention(
      query: query, key: key, value: value, mask: mask, batch: input.extent(0), merge: layout.merge)
    let attended = try query.attention(key: key, value: value, mask: mask)
    let joined = try layout.merge(
      attended.transposed(1, 2).reshaped(count, area, heads * headDimension))
    try observer?(.attentionOutput, projection(joined))
    return try projection(joined, adding: residual)
  }

  /// What is added to the products of queries and keys: [1, heads, area, area], or where windows are masked
  /// [B · windows, heads, area, area].
  private func additive(_ layout: WindowLayout, batch: Int) throws -> Tensor {
    let area = layout.geometry.area
    if let frozen, frozen.layout === layout, !recordsGradients {
      return try expanded(frozen.additive, batch: batch, masked: layout.mask != nil)
    }
    let bias = try biasTable.value.indexed(0, by: layout.biasRows).transposed(0, 1).reshaped(1, heads, area, area)
    guard let mask = layout.mask else { return bias }
    return try expanded(bias + mask, batch: batch, masked: true)
  }

  /// The windows' biases for each image of a batch.
  private func expanded(_ additive: Tensor, batch: Int, masked: Bool) throws -> Tensor {
    guard masked, batch > 1 else { return additive }
    let shape = additive.shape
    return try additive.unsqueezed(0).expanded([batch] + shape).reshaped([batch * shape[0]] + shape.dropFirst())
  }

  func pack(rows: Int, layout: WindowLayout) throws {
    try qkv.pack(rows: rows)
    try projection.pack(rows: rows)
    frozen = nil
    frozen = try withoutGradients { (layout, try additive(layout, batch: 1)) }
  }

  func parametersDidChange() { frozen = nil }
}

/// A pre-norm block whose attention sees windows.
package final class SwinBlock: Module {
  private let attentionNorm: LayerNorm
  private let attention: WindowAttention
  private let mlpNorm: LayerNorm
  private let mlp: MLP

  package init(_ configuration: SwinConfiguration, stage index: Int) {
    let stage = configuration.stages[index]
    attentionNorm = LayerNorm(stage.width, epsilon: configuration.epsilon)
    attention = WindowAttention(
      stage, tableWindow: configuration.tableWindow(ofStage: index), bias: configuration.hasQueryKeyValueBias)
    mlpNorm = LayerNorm(stage.width, epsilon: configuration.epsilon)
    mlp = MLP(
      width: stage.width, inner: stage.mlpDimension, activation: configuration.activation)
  }

  package var contents: [ModuleEntry] {
    [
      .child("norm1", attentionNorm), .child("attn", attention), .child("norm2", mlpNorm),
      .child("mlp", mlp),
    ]
  }

  /// `[B, T, C]` to `[B, T, C]` on the layout's grid.
  package func callAsFunction(
    _ tokens: Tensor, layout: WindowLayout, observer: BlockObserver? = nil
  ) throws -> Tensor {
    let attended = try attention(attentionNorm(tokens), layout: layout, adding: tokens, observer: observer)
    try observer?(.afterAttention, attended)
    return try mlp(mlpNorm(attended), adding: attended, observer: observer)
  }

  func pack(rows: Int, layout: WindowLayout) throws {
    try attention.pack(rows: rows, layout: layout)
    try mlp.pack(rows: rows)
  }
}

/// Four neighbours become one token of twice the width.
final class PatchMerging: Module {
  private let norm: LayerNorm
  private let reduction: Linear

  init(_ inputs: Int, _ outputs: Int, epsilon: Double) {
    norm = LayerNorm(4 * inputs, epsilon: epsilon)
    reduction = Linear(4 * inputs, outputs, bias: false)
  }

  var contents: [ModuleEntry] { [.child("norm", norm), .child("reduction", reduction)] }

  /// `[B, h · w, C]` to `[B, ⌈h / 2⌉ · ⌈w / 2⌉, 2 C]`; odd sizes are padded with zeros.
  func callAsFunction(_ tokens: Tensor, grid: ImageSize) throws -> Tensor {
    let (batch, channels) = (tokens.extent(0), tokens.extent(2))
    var map = try tokens.reshaped(batch, grid.height, grid.width, channels)
    let (below, right) = (grid.height % 2, grid.width % 2)
    if below > 0 || right > 0 { map = try map.padded([0, 0, 0, right, 0, below]) }
    let (height, width) = ((grid.height + 1) / 2, (grid.width + 1) / 2)
    // Neighbours in the order (row, column) = (0, 0), (1, 0), (0, 1), (1, 1).
    let merged = try map.reshaped(batch, height, 2, width, 2, channels).permuted(0, 1, 3, 4, 2, 5)
      .reshaped(batch, height * width, 4 * channels)
    return try reduction(norm(merged))
  }

  func pack(rows: Int) throws { try reduction.pack(rows: rows) }
}
