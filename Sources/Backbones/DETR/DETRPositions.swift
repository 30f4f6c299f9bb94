import Formats
import Foundation
import NeuralNet
import Torch

/// Where DETR's positions on the feature map come from.
public enum DETRPositions: String, Codable, Sendable, CaseIterable {
  /// Sines and cosines of the place within the valid part of the image.
  case sine
  /// A learned vector for each of 50 rows and 50 columns.
  case learned

  /// The most rows and columns that learned positions cover.
  public static let learnedExtent = 50

  /// Sine positions as transformers' `DetrSinePositionEmbedding` with `normalize=True`.
  ///
  /// Along each axis the places 1, 2, … of the valid part are divided by (the last of them + 1e-6) and multiplied by 2π; of
  /// each, `width / 2` numbers: sine and cosine in turn, of wavelengths that grow to 10000. Rows come before columns.
  ///
  /// - Parameters:
  ///   - valid: [B, h, w] float32, 1 where the image is and 0 where it is padded.
  ///   - width: the channels of the result, a multiple of 4.
  /// - Returns: [B, h·w, width].
  public static func sine(valid: Tensor, width: Int) throws -> Tensor {
    let rows = try angles(of: valid.cumulativeSum(1), axis: 1, count: width / 2)
    let columns = try angles(of: valid.cumulativeSum(2), axis: 2, count: width / 2)
    return try Tensor.concatenate([rows, columns], axis: 3).flattened(from: 1, to: 2)
  }

  /// [B, h, w] places to [B, h, w, count] sines and cosines.
  private static func angles(of places: Tensor, axis: Int, count: Int) throws -> Tensor {
    let extent = places.extent(axis)
    let last = try places.slice(axis, (extent - 1)..<extent)
    let scaled = try places / (last + 1e-6) * (2 * Double.pi)
    let wavelengths = (0..<count / 2).map { Float(pow(10000, Double(2 * $0) / Double(count))) }
    let divisors = try Tensor(wavelengths, shape: [count / 2]).to(places.device)
    let angles = try scaled.unsqueezed(3) / divisors
    return try Tensor.stack([angles.sine(), angles.cosine()], axis: 4).flattened(from: 3)
  }
}

/// Learned positions, transformers' `DetrLearnedPositionEmbedding`: columns' channels first, then rows'.
public final class DETRLearnedPositions: Module {
  let rows: Parameter
  let columns: Parameter

  public init(width: Int) {
    rows = Parameter([DETRPositions.learnedExtent, width / 2], .uniform(1))
    columns = Parameter([DETRPositions.learnedExtent, width / 2], .uniform(1))
  }

  public var contents: [ModuleEntry] {
    [.parameter("row_embeddings.weight", rows), .parameter("column_embeddings.weight", columns)]
  }

  /// [1, h·w, width].
  public func callAsFunction(height: Int, width: Int) throws -> Tensor {
    let channels = rows.shape[1]
    let x = try columns.value.slice(0, 0..<width).unsqueezed(0).expanded([height, width, channels])
    let y = try rows.value.slice(0, 0..<height).unsqueezed(1).expanded([height, width, channels])
    return try Tensor.concatenate([x, y], axis: 2).reshaped(1, height * width, 2 * channels)
  }
}

/// Which positions of the feature map show an image, in a batch padded at the right and at the bottom.
public struct DETRPadding: Equatable, Sendable {
  /// Rows and columns of the feature map's valid part, for each image.
  public let valid: [ImageSize]
  /// The size of the feature map.
  public let grid: ImageSize

  /// Brings images' valid sizes down to the feature map, as `nn.functional.interpolate` (nearest) brings down a mask.
  ///
  /// Returns nil where all of the feature map is valid: then nothing needs a mask.
  ///
  /// - Parameter input: the size of the padded images.
  public init?(validSizes: [ImageSize]?, input: ImageSize, grid: ImageSize) {
    guard let validSizes else { return nil }
    valid = validSizes.map { size in
      ImageSize(
        height: Self.validCells(size.height, of: input.height, cells: grid.height),
        width: Self.validCells(size.width, of: input.width, cells: grid.width))
    }
    self.grid = grid
    guard valid.contains(where: { $0 != grid }) else { return nil }
  }

  /// How many of `cells` take their value from the first `valid` of `extent` pixels.
  static func validCells(_ valid: Int, of extent: Int, cells: Int) -> Int {
    let scale = Float(extent) / Float(cells)  // libtorch computes the source of a cell in single precision
    return (0..<cells).count { min(Int((Float($0) * scale).rounded(.down)), extent - 1) < valid }
  }

  /// [B, h, w] float32: 1 where the image is, 0 where it is padded.
  public func validMap(on device: Device) throws -> Tensor {
    var values: [Float] = []
    values.reserveCapacity(valid.count * grid.area)
    for size in valid {
      for row in 0..<grid.height {
        for column in 0..<grid.width { values.append(row < size.height && column < size.width ? 1 : 0) }
      }
    }
    return try Tensor(values, shape: [valid.count] + grid.shape).to(device)
  }
}
