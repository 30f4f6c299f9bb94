import Formats
import Results

extension RecoveryMetric {
  /// Root mean square of a change, or of chroma, below which it is not seen (ΔE 2.3) and no ratio to it is formed.
  static let leastVisible = 2.3

  /// The value of one image, from the sums over a region of it.
  ///
  /// - Parameter isOriginal: whether the condition is the original, where there is no change to speak of.
  /// - Returns: nil where the definition gives none, and for the shares, which all images have together.
  package func value(_ sums: RecoverySums, isOriginal: Bool) -> Double? {
    let pixels = Double(sums.pixels)
    func mean(_ part: RecoverySums.Part) -> Double { sums[part] / pixels }
    switch self {
    case .changeInput: return isOriginal ? nil : mean(.inputChange)
    case .changeReconstruction: return isOriginal ? nil : mean(.returnedChange)
    case .toShown: return mean(.toShown)
    case .toOriginal: return isOriginal ? nil : mean(.toOriginal)
    case .toGray: return mean(.toGray)
    case .hueDifference: return mean(.hue)
    case .hueAngle:
      guard mean(.angleWeight) >= 1 else { return nil }
      return sums[.angle] / sums[.angleWeight] * 180 / .pi
    case .chromaDifference: return mean(.returnedChroma) - mean(.shownChroma)
    case .lightnessDifference: return mean(.lightness)
    case .chromaRatio:
      return mean(.shownChroma) < RecoveryMetric.leastVisible ? nil : sums[.returnedChroma] / sums[.shownChroma]
    case .carried, .shown, .usual, .other, .fit: return nil
    }
  }
}

extension RecoveryRegion {
  /// Regions of fewer pixels have no figure.
  static let leastPixels = 16

  /// Width of the ring: 4 % of the diagonal, at least 3 pixels.
  package static func ringWidth(height: Int, width: Int) -> Double {
    max(3, 0.04 * Double(height * height + width * width).squareRoot())
  }

  /// Labels of pixels: their region, or neither (a crowd's).
  private enum Label { static let (background, object, ring, none): (UInt8, UInt8, UInt8, UInt8) = (0, 1, 2, 3) }
  static let labels = 4

  /// - Parameter objects: nil where nothing is known of the image.
  static func map(_ objects: [ObjectMask]?, size: ImageSize, rowPixels: Int) -> LabelRuns {
    let count = size.height * size.width
    guard let objects else { return LabelRuns(repeating: Label.none, count: count) }
    var labels = [UInt8](repeating: Label.background, count: count)
    for (isCrowd, label) in [(true, Label.none), (false, Label.object)] {
      for object in objects where object.isCrowd == isCrowd {
        let mask = object.cropped(height: size.height, width: size.width, rowPixels: rowPixels)
        for index in 0..<count where mask[index] != 0 { labels[index] = label }
      }
    }
    let inside = labels.map { $0 == Label.object ? UInt8(1) : 0 }
    let reach = Float(ringWidth(height: size.height, width: size.width))
    let distances = DistanceMap.squared(to: inside, height: size.height, width: size.width)
    for index in 0..<count where labels[index] == Label.background && distances[index] <= reach * reach {
      labels[index] = Label.ring
    }
    return LabelRuns(labels)
  }

  /// The sums of this region from those of each label; nil where it is too small.
  func sums(_ byLabel: [RecoverySums]) -> RecoverySums? {
    var sums = RecoverySums()
    switch self {
    case .image: for labelSums in byLabel { sums.add(labelSums) }
    case .object: sums = byLabel[Int(Label.object)]
    case .ring: sums = byLabel[Int(Label.ring)]
    case .background: sums = byLabel[Int(Label.background)]
    }
    return sums.pixels >= RecoveryRegion.leastPixels ? sums : nil
  }
}
