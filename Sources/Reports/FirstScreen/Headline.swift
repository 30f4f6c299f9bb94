/// One thing that an analysis found, in plain words, for the first screen of the page.
struct Headline {
  /// Those with the least come first.
  let rank: Int
  /// What was found, in a short sentence that names no number that it does not need.
  let claim: String
  /// The numbers behind it.
  let text: String
  /// How sure it is, in words: intervals, tests, how many images.
  let certainty: String
  /// The name of the figure that shows it; empty where there is none.
  let figure: String
}

/// A measured number that is shown large.
struct KeyNumber {
  /// Those with the least come first.
  let rank: Int
  let value: String
  /// What it is, as the sentence that goes on behind it.
  let text: String
  /// The name of the figure that shows it; empty where there is none.
  let figure: String
}

/// What an analysis asks, for the sentence with which the page begins.
struct Question {
  /// The question of the analysis with the least rank is the page's.
  let rank: Int
  /// The question, given the names of the models.
  let text: (_ models: String) -> String
}
