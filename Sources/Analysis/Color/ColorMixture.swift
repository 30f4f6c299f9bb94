import Results

/// What the colour of reconstructions is made of, over one region of all images: how much of the shown colour, how much of the
/// original one, and how much of the change between the two.
///
/// Every colour enters less its mean over the images at its pixel. What a decoder gives whatever it is shown (a mean image, a
/// cast, one colour) is then nothing, and what has nothing to do with the image (noise, another image) is nothing on average.
/// Definitions: docs/definitions.md, "The colour that comes back".
package struct ColorMixture: Sendable {
  /// What of one image enters: inner products of chroma vectors less their means, over the region's pixels.
  package struct Part: Sendable {
    let pixels: Double
    fileprivate let shown, original, shownOriginal, change: Double
    fileprivate let returned, returnedShown, returnedOriginal, changeProduct: Double

    package init(_ sums: RecoverySums) {
      pixels = Double(sums.pixels)
      (shown, original, shownOriginal) = (sums[.shownSquare], sums[.originalSquare], sums[.shownOriginal])
      (change, changeProduct) = (sums[.changeSquare], sums[.changeProduct])
      (returned, returnedShown, returnedOriginal) = (
        sums[.returnedSquare], sums[.returnedShown], sums[.returnedOriginal]
      )
    }
  }

  /// Shown and original colours that explain more than this of each other (R² = cos² of the angle between them) cannot be told
  /// apart: their shares would have more than four times the variance that they would have alone.
  package static let leastTolerance = 0.25

  private let parts: [Part?]
  /// How many images the means are over.
  private let images: Int
  private let hasShown: Bool
  private let hasOriginal: Bool
  /// Whether reconstructions have colour of their own, without which there is nothing to be described.
  private let hasReturned: Bool
  /// Whether both colours are there and lie too close to one line to be told apart.
  package let isAmbiguous: Bool
  private let mixture: PooledRegression?
  private let carried: PooledRegression?

  /// - Parameters:
  ///   - parts: one for each image; nil for one that lacks the region.
  ///   - isOriginal: whether the condition is the original, where there is one colour only.
  package init(_ parts: [Part?], isOriginal: Bool) {
    self.parts = parts
    images = parts.count
    let present = parts.compactMap { $0 }
    let pixels = present.reduce(0) { $0 + $1.pixels }
    func isVisible(_ square: (Part) -> Double) -> Bool {
      let least = RecoveryMetric.leastVisible * RecoveryMetric.leastVisible * pixels
      return pixels > 0 && present.reduce(0) { $0 + square($1) } >= least
    }
    hasShown = isVisible { $0.shown }
    hasOriginal = !isOriginal && isVisible { $0.original }
    hasReturned = isVisible { $0.returned }
    let products = hasShown || hasOriginal ? present.map(ColorMixture.products(hasShown, hasOriginal)) : []
    let regression = PooledRegression(products)
    isAmbiguous = regression?.tolerances.allSatisfy { $0 >= ColorMixture.leastTolerance } == false
    mixture = isAmbiguous ? nil : regression
    carried =
      !isOriginal && isVisible { $0.change }
      ? PooledRegression(present.map(ColorMixture.changeProducts)) : nil
  }

  private static func products(_ hasShown: Bool, _ hasOriginal: Bool) -> (Part) -> PooledRegression.Products {
    { part in
      switch (hasShown, hasOriginal) {
      case (true, true):
        PooledRegression.Products([
          [part.shown, part.shownOriginal, part.returnedShown],
          [part.shownOriginal, part.original, part.returnedOriginal],
          [part.returnedShown, part.returnedOriginal, part.returned],
        ])
      case (true, false):
        PooledRegression.Products([[part.shown, part.returnedShown], [part.returnedShown, part.returned]])
      default:
        PooledRegression.Products([[part.original, part.returnedOriginal], [part.returnedOriginal, part.returned]])
      }
    }
  }

  private static func changeProducts(_ part: Part) -> PooledRegression.Products {
    PooledRegression.Products([[part.change, part.changeProduct], [part.changeProduct, 0]])
  }

  /// The figure of each image, whose mean is the share of all; nothing but gaps where the definition gives none.
  ///
  /// - Parameter shuffled: with every other image's reconstruction in the place of the own, on average. Since reconstructions
  ///   enter less their mean, the others together are the own one's opposite, so that this needs no drawing.
  package func figures(_ metric: RecoveryMetric, shuffled: Bool = false) -> ImageSeries {
    var series = ImageSeries(count: parts.count)
    for (image, part) in parts.enumerated() {
      guard let part, let value = figure(metric, part) else { continue }
      guard shuffled else {
        series[image] = value
        continue
      }
      guard images > 1 else { continue }
      let others = Double(1 - images)
      series[image] = metric == .other ? 1 + (value - 1) / others : value / others
    }
    return series
  }

  private func figure(_ metric: RecoveryMetric, _ part: Part) -> Double? {
    switch metric {
    case .carried: return carried?.figure(0, of: ColorMixture.changeProducts(part))
    case .shown:
      return hasShown ? mixture?.figure(0, of: ColorMixture.products(hasShown, hasOriginal)(part)) : nil
    case .usual:
      return hasOriginal
        ? mixture?.figure(hasShown ? 1 : 0, of: ColorMixture.products(hasShown, hasOriginal)(part)) : nil
    case .other:
      guard mixture != nil else { return nil }
      return 1 - (figure(.shown, part) ?? 0) - (figure(.usual, part) ?? 0)
    case .fit:
      return hasReturned
        ? mixture?.explainedFigure(of: ColorMixture.products(hasShown, hasOriginal)(part)) : nil
    default: return nil
    }
  }
}
