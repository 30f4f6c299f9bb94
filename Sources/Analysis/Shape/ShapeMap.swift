import Formats
import Foundation

/// The size of an object by the share of the picture it covers: COCO's 32² and 96² pixels on an image of 640×480.
package enum ObjectSize: String, CaseIterable, Sendable {
  case small, medium, large

  /// - Parameters:
  ///   - area: pixels of the object.
  ///   - pixels: pixels of the picture.
  package init(area: Int, of pixels: Int) {
    self = area * 300 < pixels ? .small : area * 100 < 3 * pixels ? .medium : .large
  }
}

/// The regions of an image for one group of its objects, kept small.
struct ShapeMap: Sendable {
  /// `all`, `size:small`, `class:dog`.
  let group: String
  /// Region in the lowest bits, and whether the pixel lies on a contour.
  private let runs: LabelRuns

  var labels: [UInt8] { runs.labels }

  static let (background, object, boundary, none): (UInt8, UInt8, UInt8, UInt8) = (0, 1, 2, 3)
  static let (regionBits, contour): (UInt8, UInt8) = (3, 4)
  static let all = "all"

  /// How far from a contour an edge may lie and still be the object's: 0.75 % of the diagonal, at least 1 pixel (Martin,
  /// Fowlkes and Malik 2004).
  static func tolerance(_ size: ImageSize) -> Float { max(1, 0.0075 * diagonal(size)) }

  /// Half the width of the band along a boundary: 2 % of the diagonal, at least 2 pixels.
  static func bandWidth(_ size: ImageSize) -> Float { max(2, 0.02 * diagonal(size)) }

  private static func diagonal(_ size: ImageSize) -> Float {
    Float(size.height * size.height + size.width * size.width).squareRoot()
  }

  /// The maps of an image: all objects, then each size and each class that it has, classes by name.
  ///
  /// - Parameter objects: nil where nothing is known of the image.
  static func maps(_ objects: [ObjectMask]?, size: ImageSize, rowPixels: Int) -> [ShapeMap] {
    let pixels = size.height * size.width
    guard let objects else {
      return [ShapeMap(group: all, runs: LabelRuns(repeating: none, count: pixels))]
    }
    var crowd = [UInt8](repeating: 0, count: pixels)
    var masks: [(groups: [String], mask: [UInt8])] = []
    for object in objects {
      let mask = object.cropped(height: size.height, width: size.width, rowPixels: rowPixels)
      if object.isCrowd {
        for index in 0..<pixels where mask[index] != 0 { crowd[index] = 1 }
        continue
      }
      let area = mask.reduce(0) { $0 + Int($1) }
      guard area > 0 else { continue }
      let kind = ObjectSize(area: area, of: pixels)
      masks.append((["size:\(kind.rawValue)", "class:\(object.category)"], mask))
    }
    let present = Set(masks.flatMap(\.groups))
    let sizes = ObjectSize.allCases.map { "size:\($0.rawValue)" }.filter(present.contains)
    let classes = present.filter { $0.hasPrefix("class:") }.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    let whole = ShapeMap(group: all, masks: masks.map(\.mask), crowd: crowd, rest: background, size: size)
    return [whole]
      + (sizes + classes).map { group in
        ShapeMap(
          group: group, masks: masks.filter { $0.groups.contains(group) }.map(\.mask), crowd: crowd, rest: none,
          size: size)
      }
  }

  private init(group: String, runs: LabelRuns) {
    self.group = group
    self.runs = runs
  }

  /// - Parameter rest: what pixels of no object are.
  private init(group: String, masks: [[UInt8]], crowd: [UInt8], rest: UInt8, size: ImageSize) {
    let (height, width) = (size.height, size.width)
    var labels = crowd.map { $0 != 0 ? ShapeMap.none : rest }
    var contour = [UInt8](repeating: 0, count: labels.count)
    for mask in masks {
      for row in 0..<height {
        for column in 0..<width {
          let index = row * width + column
          guard mask[index] != 0 else { continue }
          labels[index] = ShapeMap.object
          // Where an object is cut off by the image's border it has no boundary.
          let isContour =
            (row > 0 && mask[index - width] == 0) || (row + 1 < height && mask[index + width] == 0)
            || (column > 0 && mask[index - 1] == 0) || (column + 1 < width && mask[index + 1] == 0)
          if isContour { contour[index] = 1 }
        }
      }
    }
    let distances = DistanceMap.squared(to: contour, height: height, width: width)
    let band = ShapeMap.bandWidth(size)
    for index in labels.indices where distances[index] <= band * band {
      if labels[index] != ShapeMap.none || crowd[index] == 0 { labels[index] = ShapeMap.boundary }
      if contour[index] != 0 { labels[index] |= ShapeMap.contour }
    }
    self.init(group: group, runs: LabelRuns(labels))
  }
}
