import Backbones
import Formats
import Torch

extension ModelInput {
  /// A model's activations for pixels `[B, H, W, 3]`, by tap.
  ///
  /// Images that do not fill the input are computed each at its own size, as the libraries compute one image alone: what is kept
  /// of an image depends on no other. Tokens on a grid that is smaller than the input's then stand in its upper left corner, and
  /// the rest of it is 0.
  ///
  /// - Parameters:
  ///   - validSizes: height and width of each image's own pixels; nil where all fill the input.
  ///   - taps: those wanted, for inputs of this size.
  ///   - tokens: which tokens of a tap are kept.
  ///   - keep: what becomes of a tap's value at once, such as moving it to the CPU.
  func features(
    of bytes: Tensor, validSizes: [ImageSize]?, by backbone: any Backbone, taps: [Tap],
    tokens: TokenSelection = .all, device: Device, keep: (Tensor) throws -> Tensor = { $0 }
  ) throws -> [String: Tensor] {
    guard let sizes = padded(validSizes) else {
      let byName = Dictionary(uniqueKeysWithValues: taps.map { ($0.name, $0) })
      var values: [String: Tensor] = [:]
      try backbone.forward(batch(bytes, validSizes: nil, device: device), taps: Set(byName.keys)) { name, value in
        guard let tap = byName[name] else { return }
        values[name] = try keep(tokens.reduce(value, of: tap))
      }
      return values
    }
    var rows: [String: [Tensor]] = [:]
    for (index, size) in sizes.enumerated() {
      let own = try bytes.slice(0, index..<index + 1).slice(1, 0..<size.height).slice(2, 0..<size.width).contiguous()
      let ownTaps = Dictionary(
        uniqueKeysWithValues: try
          (backbone.taps(height: size.height, width: size.width)
          + backbone.insideTaps(height: size.height, width: size.width)).map { ($0.name, $0) })
      let images = try preprocessing.scale.batch(own, validSizes: nil, device: device)
      let wanted = Dictionary(uniqueKeysWithValues: taps.map { ($0.name, $0) })
      try backbone.forward(images, taps: Set(wanted.keys)) { name, value in
        guard let tap = wanted[name], let ownTap = ownTaps[name] else { return }
        var kept = try tokens.reduce(value, of: ownTap)
        if tokens == .all, ownTap.tokens != tap.tokens { kept = try ModelInput.place(kept, of: ownTap, on: tap) }
        rows[name, default: []].append(try keep(kept))
      }
    }
    return try rows.mapValues { $0.count == 1 ? $0[0] : try Tensor.concatenate($0, axis: 0) }
  }

  /// The tokens of a smaller grid, `[1, T, C]`, in the upper left corner of a larger one; prefix tokens as they are.
  private static func place(_ value: Tensor, of own: Tap, on tap: Tap) throws -> Tensor {
    guard let ownGrid = own.grid, let tapGrid = tap.grid else {
      throw BadInput(
        "tap \(tap.name) has \(own.tokens) tokens for one image and \(tap.tokens) for another, and lies on no grid; leave it out "
          + "with --taps, or give --size WxH")
    }
    let result = try Tensor.zeros([1, tap.tokens, tap.channels], dtype: value.dtype, device: value.device)
    let prefix = tap.prefixTokens
    if prefix > 0 { try result.slice(1, 0..<prefix).copy(from: value.slice(1, 0..<prefix)) }
    let grid = try result.slice(1, prefix..<tap.tokens).reshaped(tapGrid.height, tapGrid.width, tap.channels)
    let part = try value.slice(1, prefix..<own.tokens).reshaped(ownGrid.height, ownGrid.width, own.channels)
    try grid.slice(0, 0..<ownGrid.height).slice(1, 0..<ownGrid.width).copy(from: part)
    return result
  }
}
