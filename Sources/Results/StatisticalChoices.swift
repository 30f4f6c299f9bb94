import Foundation

/// How the interval of a mean over images is made.
public enum IntervalMethod: String, CaseIterable, Sendable {
  /// Up to so many images the interval of a mean is always that of ``hall``: percentiles of so few are too narrow.
  public static let fewImages = 50

  /// How rare something has to be, as one image in so many, for more than 5 % of the samples of so many images to have none of it: no
  /// interval over them knows of it. 1/(1 − 0.05^(1/n)), as a whole number.
  public static func unseen(amongImages images: Int) -> Int {
    guard images > 0 else { return 1 }
    return Int((1 / (1 - exp(log(0.05) / Double(images)))).rounded(.up))
  }

  /// Student's t on a scale without skewness (Hall 1992). Nothing is drawn.
  case hall
  /// The 2.5th and the 97.5th percentile of a bootstrap (Efron 1979).
  case percentile
  /// Percentiles moved for bias and skewness (Efron 1987): bias-corrected and accelerated.
  case bca
}

/// How p-values of comparisons made at once are corrected for their number.
public enum MultipleComparisons: String, CaseIterable, Sendable {
  /// Holm (1979): the chance of any false finding is at most the level, whatever the comparisons have to do with each other.
  case holm
  /// Benjamini and Hochberg (1995): the expected share of false ones among the findings is at most the level, for
  /// independent or positively dependent comparisons.
  case benjaminiHochberg = "benjamini-hochberg"
}
