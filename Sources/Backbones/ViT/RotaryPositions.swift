import Formats
import Foundation
import Torch

/// Positions that turn queries and keys, in planes of two channels of each head, by angles that grow with row and column. Prefix
/// tokens are not turned.
public struct RotaryPositions: Codable, Equatable, Sendable {
  public enum Kind: String, Codable, Sendable {
    /// Places are the middles of patches, from −1 to 1 along either side; a plane is channel i with channel i + d / 2 (DINOv3).
    ///
    /// Source: timm's `RotaryEmbeddingDinoV3` with `rope_rotate_half`.
    case centred
    /// Places are counted from 0, as on a grid of ``RotaryPositions/referenceSide``; a plane is channel 2 i with channel 2 i + 1
    /// (EVA-02).
    ///
    /// Source: timm's `RotaryEmbeddingCat`.
    case counted
  }

  public var kind: Kind
  /// What the angles of a step are powers of: those of the channels of an axis fall from one towards 1 / temperature.
  public var temperature: Double
  /// The side, in patches, of the grid on which places are counted; without effect on ``Kind/centred``.
  public var referenceSide = 16

  /// - Parameter temperature: above 0; 100 of DINOv3, 10,000 of EVA-02.
  public init(_ kind: Kind, temperature: Double) {
    self.kind = kind
    self.temperature = temperature
  }

  /// The turns of all places of a grid, in raster order.
  ///
  /// - Parameter headDimension: a multiple of 4.
  package func rotation(
    grid: ImageSize, headDimension: Int, prefixTokens: Int, device: Device
  ) throws -> Rotation {
    // Of a head's d / 2 planes, d / 4 turn with the row and d / 4 with the column; both channels of a plane have its angle.
    let quarter = headDimension / 4
    var values: [Float] = []
    values.reserveCapacity(grid.area * headDimension)
    for row in 0..<grid.height {
      for column in 0..<grid.width {
        let place = angles(row, of: grid.height, count: quarter) + angles(column, of: grid.width, count: quarter)
        values += kind == .centred ? place + place : place.flatMap { [$0, $0] }
      }
    }
    let tensor = try Tensor(values, shape: [grid.area, headDimension]).to(device)
    return Rotation(
      sine: try tensor.sine(), cosine: try tensor.cosine(), prefixTokens: prefixTokens, turnsHalves: kind == .centred)
  }

  /// The angles of one axis at a position of `side`.
  private func angles(_ position: Int, of side: Int, count: Int) -> [Float] {
    (0..<count).map { index in
      let frequency = pow(temperature, -Double(index) / Double(count))
      switch kind {
      case .centred: return Float(2 * .pi * (2 * (Double(position) + 0.5) / Double(side) - 1) * frequency)
      case .counted: return Float(Double(position) / Double(side) * Double(referenceSide) * frequency)
      }
    }
  }
}

/// What ``RotaryPositions`` do to the queries and keys of one grid.
package final class Rotation {
  /// `[T, d]`, as `cosine`.
  private let sine: Tensor
  private let cosine: Tensor
  private let prefixTokens: Int
  private let turnsHalves: Bool

  init(sine: Tensor, cosine: Tensor, prefixTokens: Int, turnsHalves: Bool) {
    self.sine = sine
    self.cosine = cosine
    self.prefixTokens = prefixTokens
    self.turnsHalves = turnsHalves
  }

  /// `[B, heads, prefix + T, d]` with all but the prefix tokens turned.
  func callAsFunction(_ input: Tensor) throws -> Tensor {
    let patches = try input.slice(2, prefixTokens..<input.extent(2))
    let turned = try patches * cosine + quarterTurn(patches) * sine
    return prefixTokens == 0
      ? turned : try Tensor.concatenate([input.slice(2, 0..<prefixTokens), turned], axis: 2)
  }

  /// Each plane (a, b) as (−b, a).
  private func quarterTurn(_ input: Tensor) throws -> Tensor {
    let dimension = input.extent(3)
    if turnsHalves {
      return try Tensor.concatenate(
        [-input.slice(3, dimension / 2..<dimension), input.slice(3, 0..<dimension / 2)], axis: 3)
    }
    let pairs = try input.reshaped(Array(input.shape.dropLast()) + [dimension / 2, 2])
    return try Tensor.concatenate([-pairs.slice(4, 1..<2), pairs.slice(4, 0..<1)], axis: 4).reshaped(input.shape)
  }
}

extension ViTConfiguration {
  /// What turns queries and keys on a grid, nil where nothing does.
  package func rotation(grid: ImageSize, device: Device) throws -> Rotation? {
    try rotary?.rotation(grid: grid, headDimension: headDimension, prefixTokens: prefixTokens, device: device)
  }
}
