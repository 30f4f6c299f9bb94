import Torch

/// The moves of tokens between grid and windows, and who may attend to whom, as tensors for one stage and input size.
package final class WindowLayout {
  let geometry: WindowGeometry
  /// int64 [windows · area]: the token of the grid at each place, the number of tokens for padding.
  private let sources: Tensor
  /// int64 [tokens].
  private let destinations: Tensor
  /// int64 [area · area]: rows of the bias table.
  let biasRows: Tensor
  /// [windows, 1, area, area]: 0 where two tokens attend to each other, -100 where not; nil where all do.
  let mask: Tensor?

  package init(_ geometry: WindowGeometry, shifted: Bool, device: Device) throws {
    self.geometry = geometry
    let tokens = geometry.grid.area
    func indices(_ values: [Int]) throws -> Tensor {
      try Tensor(values.map(Int64.init), shape: [values.count]).to(device)
    }
    sources = try indices(geometry.sources(shifted: shifted).map { $0 ?? tokens })
    destinations = try indices(geometry.destinations(shifted: shifted))
    biasRows = try indices(geometry.biasRows())
    guard shifted, geometry.isShifted else {
      mask = nil
      return
    }
    let regions = try Tensor(geometry.regions().map(Float.init), shape: [geometry.count, 1, 1, geometry.area])
    // The same region: 0; another: -100, what both libraries add in place of minus infinity.
    let isSame = try regions.equals(regions.transposed(2, 3)).to(.float32)
    mask = try ((isSame - 1) * 100).to(device)
  }

  /// Tokens of the grid `[B, T, C]` as windows `[B · windows, area, C]`; padding is zero.
  func partition(_ tokens: Tensor) throws -> Tensor {
    let (batch, channels) = (tokens.extent(0), tokens.extent(2))
    let source =
      geometry.isPadded
      ? try Tensor.concatenate([tokens, Tensor.zeros([batch, 1, channels], device: tokens.device)], axis: 1) : tokens
    return try source.indexed(1, by: sources).reshaped(batch * geometry.count, geometry.area, channels)
  }

  /// Windows `[B · windows, area, C]` as tokens of the grid `[B, T, C]`; padding is dropped.
  func merge(_ windows: Tensor) throws -> Tensor {
    let batch = windows.extent(0) / geometry.count
    return try windows.reshaped(batch, geometry.count * geometry.area, windows.extent(2)).indexed(1, by: destinations)
  }
}
