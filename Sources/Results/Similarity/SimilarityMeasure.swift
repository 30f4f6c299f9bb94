/// The measures of `analyze similarity`: the raw values are their keys.
public enum SimilarityMeasure: String, CaseIterable, Sendable {
  /// Centred kernel alignment (Kornblith et al. 2019) with K = X Xᵀ.
  case ckaLinear = "cka_linear"
  /// The same with a Gaussian kernel whose width follows the median distance.
  case ckaRBF = "cka_rbf"
  /// The mean canonical correlation of the principal components that keep most of the variance (Raghu et al. 2017).
  case svcca
  /// The same, each correlation weighted by what its canonical variable says of the features (Morcos et al. 2018).
  case pwcca
  /// Orthogonal Procrustes as a similarity: the nuclear norm of the cross product of normalised features.
  case procrustes
  /// Its arc cosine: a distance, 0 where an orthogonal map takes one onto the other (Williams et al. 2021).
  case procrustesAngle = "procrustes_angle"
  /// Representational similarity analysis (Kriegeskorte et al. 2008): Spearman's ρ of the correlation distances.
  case rsa
  /// The same by Kendall's τ_a, which ties do not flatter (Nili et al. 2014).
  case rsaKendall = "rsa_tau"
  /// The share of nearest neighbours that two representations have in common (Huh et al. 2024).
  case mutualKNN = "mutual_knn"
  /// The R² of features predicted linearly from those of another tap, for images that the map has not seen.
  case linearPredictivity = "linear_predictivity"

  /// The two that are made of HSIC, by any of its estimators.
  public static let cka: [SimilarityMeasure] = [.ckaLinear, .ckaRBF]

  /// How the measure is named and described.
  public var definition: MeasureDefinition {
    switch self {
    case .ckaLinear:
      MeasureDefinition(
        rawValue, name: "linear CKA", quantity: "CKA", estimators: SimilarityEstimator.hsic, method: "K = X Xᵀ.",
        reference: "Kornblith, Norouzi, Lee and Hinton, ICML 2019")
    case .ckaRBF:
      MeasureDefinition(
        rawValue, name: "RBF CKA", quantity: "CKA", estimators: SimilarityEstimator.hsic,
        method:
          "kᵢⱼ = exp(−‖xᵢ − xⱼ‖² / 2σ²); σ² is the median of the squared distances of all pairs of images times a "
          + "fraction squared, for each side its own.",
        reference: "Kornblith, Norouzi, Lee and Hinton, ICML 2019")
    case .svcca:
      MeasureDefinition(
        rawValue, name: "SVCCA", quantity: "SVCCA", estimators: [.truncated],
        method:
          "The mean canonical correlation of the principal components of each side that keep a given share of its "
          + "variance.", reference: "Raghu, Gilmer, Yosinski and Sohl-Dickstein, NeurIPS 2017")
    case .pwcca:
      MeasureDefinition(
        rawValue, name: "PWCCA", quantity: "PWCCA", estimators: [.truncated],
        method:
          "The canonical correlations of the same components, each weighted by how much of the features its canonical "
          + "variable accounts for.", reference: "Morcos, Raghu and Bengio, NeurIPS 2018")
    case .procrustes:
      MeasureDefinition(
        rawValue, name: "Procrustes similarity", quantity: "Procrustes similarity", estimators: [.exact],
        method:
          "The nuclear norm of XᵀY over the product of the Frobenius norms of X and Y, columns centred: how well an "
          + "orthogonal map takes one onto the other.",
        reference: "Schönemann, Psychometrika 1966; Ding, Denain and Steinhardt, NeurIPS 2021")
    case .procrustesAngle:
      MeasureDefinition(
        rawValue, name: "angular Procrustes distance", quantity: "Procrustes angle", estimators: [.exact],
        method:
          "arccos of the Procrustes similarity, in radians: a metric, 0 where an orthogonal map takes one onto the other, up to "
          + "scale, and π/2 where they have nothing in common.",
        reference: "Williams, Kunz, Kornblith and Linderman, NeurIPS 2021", range: 0...(Double.pi / 2), agreement: 0)
    case .rsa:
      MeasureDefinition(
        rawValue, name: "RSA", quantity: "RSA", estimators: [.spearman],
        method:
          "Spearman's ρ, over the pairs of images, of the two distances 1 − r, r being Pearson's correlation of the "
          + "features of the two images.",
        reference: "Kriegeskorte, Mur and Bandettini, Frontiers in Systems Neuroscience 2008")
    case .rsaKendall:
      MeasureDefinition(
        rawValue, name: "RSA by Kendall's τ_a", quantity: "RSA (τ_a)", estimators: [.kendall],
        method:
          "Kendall's τ_a of the same distances as in RSA: of all pairs of distances the share that both representations put in the "
          + "same order less the share that they put in opposite order; ties count for neither.",
        reference: "Nili, Wingfield, Walther, Su, Marslen-Wilson and Kriegeskorte, PLoS Computational Biology 2014")
    case .mutualKNN:
      MeasureDefinition(
        rawValue, name: "mutual k-nearest neighbours", quantity: "mutual k-nearest neighbours", estimators: [.cosine],
        method:
          "The share of an image's k nearest neighbours by cosine that both representations have in common, mean over "
          + "images.", reference: "Huh, Cheung, Wang and Isola, ICML 2024")
    case .linearPredictivity:
      MeasureDefinition(
        rawValue, name: "linear predictivity", quantity: "R²", estimators: [.secondFromFirst, .firstFromSecond],
        method:
          "1 − Σ‖y − ŷ‖² / Σ‖y − ȳ‖² over images that were held out, ŷ by ridge regression from the features of the other tap and "
          + "ȳ the mean over the images of training: 0 or less where nothing is predicted.",
        reference:
          "Yamins, Hong, Cadieu, Solomon, Seibert and DiCarlo, PNAS 2014; Hoerl and Kennard, Technometrics 1970; the penalty: "
          + "Golub, Heath and Wahba, Technometrics 1979")
    }
  }
}

/// The estimators of the measures: the raw values are their keys.
public enum SimilarityEstimator: String, CaseIterable, Sendable {
  /// The unbiased U-statistic of HSIC (Song et al. 2012).
  case debiased
  /// The V-statistic (Gretton et al. 2005), which is above zero for independent features.
  case biased
  /// The means of the unbiased statistic over minibatches (Nguyen et al. 2021).
  case minibatch
  /// Of `svcca` and `pwcca`: over the principal components kept.
  case truncated
  /// Of `procrustes`: over all of them.
  case exact
  /// Of `rsa`: rank correlation.
  case spearman
  /// Of `rsa_tau`: pairs of distances in the same order less those in opposite order.
  case kendall = "tau_a"
  /// Of `mutual_knn`: the nearest by cosine.
  case cosine
  /// Of `linear_predictivity`: features of the second tap are predicted from those of the first.
  case secondFromFirst = "b_from_a"
  /// The other direction.
  case firstFromSecond = "a_from_b"

  /// The estimators of HSIC, for CKA; the other measures have one each.
  public static let hsic: [SimilarityEstimator] = [.debiased, .biased, .minibatch]

  /// How the estimator is named and described.
  public var definition: EstimatorDefinition {
    switch self {
    case .debiased:
      EstimatorDefinition(
        rawValue, title: "Debiased",
        method: "HSIC by the unbiased U-statistic. With K̃, L̃ the kernel matrices whose diagonals are set to 0: "
          + "HSIC₁ = [ tr(K̃L̃) + 1ᵀK̃1 · 1ᵀL̃1 / ((n−1)(n−2)) − 2 · 1ᵀK̃L̃1 / (n−2) ] / (n(n−3)). Features that have "
          + "nothing to do with each other score 0 on average, so values can be a little below 0.",
        reference:
          "Song, Smola, Gretton, Bedo and Borgwardt, JMLR 2012, equation 5; in CKA Nguyen, Raghu and Kornblith, "
          + "ICLR 2021")
    case .biased:
      EstimatorDefinition(
        rawValue, title: "Biased",
        method:
          "HSIC₀ = tr(KHLH) / (n−1)² with H = I − 11ᵀ/n. Unrelated features do not score 0 with it at finite n: the "
          + "fewer the images and the wider the features, the higher. Compare values at the same n only.",
        reference: "Gretton, Bousquet, Smola and Schölkopf, 2005",
        withoutInterval:
          "its value lies above what it estimates by an amount that depends on the number of images, so that no "
          + "interval around it holds that; take the debiased estimator")
    case .minibatch:
      EstimatorDefinition(
        rawValue, title: "Minibatch",
        method:
          "The three HSIC₁ are averaged over minibatches, drawn at random without replacement, before the ratio is taken.",
        reference: "Nguyen, Raghu and Kornblith, ICLR 2021, equation 3")
    case .truncated:
      EstimatorDefinition(
        rawValue, title: "Truncated",
        method: "Over the principal components that keep the given share of the variance.",
        reference: "Raghu, Gilmer, Yosinski and Sohl-Dickstein, NeurIPS 2017",
        withoutInterval: SimilarityEstimator.inflatedByCopies)
    case .exact:
      EstimatorDefinition(
        rawValue, title: "Exact", method: "Over all principal components.", reference: "Schönemann, Psychometrika 1966",
        withoutInterval: SimilarityEstimator.inflatedByCopies)
    case .spearman:
      EstimatorDefinition(
        rawValue, title: "Spearman", method: "Rank correlation, ties (up to rounding) ranked by their mean.",
        reference: "Spearman, 1904"
      )
    case .kendall:
      EstimatorDefinition(
        rawValue, title: "Kendall's τ_a",
        method: "Over all pairs of distances; those equal up to rounding count for neither order.",
        reference: "Kendall, Biometrika 1938",
        withoutInterval:
          "every image that is left out would have all distances sorted again; take rsa, or its null band, which says what of it is "
          + "chance")
    case .cosine:
      EstimatorDefinition(
        rawValue, title: "Cosine", method: "Neighbours are the nearest by cosine, features not centred.",
        reference: "Huh, Cheung, Wang and Isola, ICML 2024",
        withoutInterval:
          "who is a neighbour depends on all images, and in simulations an interval that holds neighbours fixed "
          + "covers too seldom, one that leaves out image after image too often; its null band says what of it is chance"
      )
    case .secondFromFirst:
      EstimatorDefinition(
        rawValue, title: "B from A",
        method:
          "The features of the second tap are predicted from those of the first, the one before it in order of models and depth.",
        reference: "Golub, Heath and Wahba, Technometrics 1979", withoutInterval: Self.trainedAndTested)
    case .firstFromSecond:
      EstimatorDefinition(
        rawValue, title: "A from B", method: "The features of the first tap are predicted from those of the second.",
        reference: "Golub, Heath and Wahba, Technometrics 1979", withoutInterval: Self.trainedAndTested)
    }
  }

  private static let trainedAndTested =
    "copies of an image in a resample would stand among those that a map is learned from and those it is tested on"
  private static let inflatedByCopies =
    "copies of an image add no dimension, so that values of resamples lie above it; its null band says what of it is chance"
}

/// Which pairs of taps are compared.
public enum SimilarityPairs: String, CaseIterable, Sendable {
  case all
  /// Both taps of one store.
  case within
  /// Of two stores; a tap is still compared with itself.
  case across
}

/// How the values of all pairs of taps of two stores become one.
public enum SimilarityAggregate: String, CaseIterable, Sendable {
  /// That of the two taps that are the most alike.
  case max
  case mean
}

/// Which two taps a tap is compared with, to see to which of them it is closer.
public enum SimilarityComparison: String, CaseIterable, Sendable {
  /// Its counterparts in two other stores: taps of its name, or those nearest in relative depth.
  case models
  /// Two neighbouring taps of another store.
  case neighbours
  /// Two taps that are named.
  case named

  /// Those that need no names.
  public static let unnamed: [SimilarityComparison] = [.models, .neighbours]

  /// As the beginning of a sentence.
  public var sentence: String {
    switch self {
    case .models: "With its counterparts in two other models"
    case .neighbours: "With two neighbouring taps of another model"
    case .named: "With two taps that were named"
    }
  }
}
