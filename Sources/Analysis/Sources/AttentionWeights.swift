import Activations

/// What is said where attention weights are met: they are heads × queries × keys, not tokens × channels, and no analysis takes them for
/// that.
struct AttentionWeights {
  private let tap: String
  private let place: String

  /// - Parameter place: the store in messages.
  init(_ tap: String, of place: String) {
    self.tap = tap
    self.place = place
  }

  /// Where one is named.
  var error: AnalysisError {
    AnalysisError(
      .badInput,
      "\(tap) of \(place) is attention weights, heads × queries × keys, and this analysis takes tokens × channels; name other taps, or "
        + "read it with palimpsest-io or h5py")
  }

  /// Where none of the store's is named: a sentence about all of them.
  static func note(_ taps: [String], of name: String) -> StoreNote? {
    guard let first = taps.first else { return nil }
    return StoreNote(
      "", name,
      ": \(taps.count == 1 ? first + " is" : "\(taps.count) taps such as \(first) are") left out: attention weights are heads × queries × "
        + "keys, not tokens × channels")
  }

  /// - Parameter wanted: what `--taps` names; nil where it names none.
  /// - Throws: `AnalysisError` for the first that is of weights.
  static func refuse(_ wanted: [String]?, among weights: [String], of place: String) throws {
    guard let named = wanted?.first(where: weights.contains) else { return }
    throw AttentionWeights(named, of: place).error
  }
}
