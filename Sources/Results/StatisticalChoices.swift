/// How the interval of a mean over images is made.
public enum IntervalMethod: String, CaseIterable, Sendable {
  /// Up to so many images the interval of a mean is always that of ``hall``: percentiles of so few are too narrow.
  public static let fewImages = 50

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
