import CCairo
import Imaging

/// Which part of a data set an image belongs to: about 80, 10 and 10 % of the images.
public enum SceneSplit: String, Sendable, CaseIterable, Codable {
  case train, validation, test

  /// A function of seed and index alone, so that it stays whatever else changes.
  static func of(seed: UInt64, index: Int) -> SceneSplit {
    var random = SceneRandom(seed, UInt64(index), 0x5350_4C49)
    switch random.index(10) {
    case 0: return .test
    case 1: return .validation
    default: return .train
    }
  }
}

/// One object of a scene and what is known of it.
public struct SceneObject: Sendable {
  public let kind: SceneClass
  /// The hue it was given, in degrees; the light may shift what is seen by a few degrees.
  public let hue: Double
  /// Its pixels that nothing hides.
  public let mask: SceneMask
  /// The share of it that is hidden by others or beyond the edge, 0…1.
  public let occlusion: Double
  /// It is in the surrounding of its class.
  public let inContext: Bool
}

/// A drawn picture and all that is true of it.
public struct DrawnScene: Sendable {
  public let index: Int
  public let width: Int
  public let height: Int
  /// Red, green and blue bytes, row by row: [H, W, 3].
  public let pixels: [UInt8]
  public let context: SceneClass.Context
  public let split: SceneSplit
  /// From back to front.
  public let objects: [SceneObject]

  /// The object with the most visible pixels; its class is the label of the image.
  public var dominant: SceneObject? {
    var best: (object: SceneObject, area: Int)?
    for object in objects {
      let area = object.mask.area
      if area > (best?.area ?? 0) { best = (object, area) }
    }
    return best?.object
  }

  /// The name of the dominant object's class.
  public var label: String { dominant?.kind.name ?? "" }

  /// The picture as the bytes of a PNG file, 8 bits a channel; the same bytes for the same pixels.
  public func png() throws -> [UInt8] {
    do {
      return try PixelImage(width: width, height: height, pixels: pixels).png()
    } catch let error as ImagingError {
      throw SceneError("scene \(index): \(error.reason)")
    }
  }
}
