import Torch

/// Which of a backbone's taps a user asked for.
public enum TapSelection {
  /// The taps named by `text`: `all`, `stages` (the borders of the components that inverse networks span), or names
  /// separated by commas. In order of depth, whatever the order of the names.
  ///
  /// - Parameters:
  ///   - taps: those that can be read.
  ///   - components: of the model.
  /// - Throws: ``BackboneError`` with the taps there are, where a name is unknown.
  public static func select(_ text: String, from taps: [Tap], components: [ModelComponent]) throws -> [Tap] {
    switch text {
    case "all": return taps
    case "stages":
      let outputs = Set(components.map(\.output))
      return taps.filter { outputs.contains($0.name) }
    default: break
    }
    let names = text.split(separator: ",").map { $0.trimmingPrefix(while: \.isWhitespace) }.map(String.init)
    let known = Set(taps.map(\.name))
    for name in names where !known.contains(name) {
      throw BackboneError(
        "--taps: the model has no tap '\(name)'; it has \(taps.map(\.name).joined(separator: ", ")), "
          + "and 'all' and 'stages' are understood")
    }
    guard !names.isEmpty else { throw BackboneError("--taps is empty; give all, stages, or names separated by commas") }
    let wanted = Set(names)
    return taps.filter { wanted.contains($0.name) }
  }
}

/// Which tokens of a tap a store keeps.
public enum TokenSelection: String, Sendable, CaseIterable {
  case all
  /// The average of the tokens that are not prefix tokens.
  case mean
  /// The class and distillation tokens.
  case prefix

  /// The tap as the store keeps it, or nil where nothing of it is kept.
  public func reduce(_ tap: Tap) -> Tap? {
    switch self {
    case .all: tap
    case .mean:
      Tap(name: tap.name, tokens: 1, channels: tap.channels, parent: tap.parent, depth: tap.depth, role: tap.role)
    case .prefix:
      tap.prefixTokens == 0
        ? nil
        : Tap(
          name: tap.name, tokens: tap.prefixTokens, channels: tap.channels, prefixTokens: tap.prefixTokens,
          parent: tap.parent, depth: tap.depth, role: tap.role)
    }
  }
}

extension TokenSelection {
  /// The kept tokens of a tap's value `[B, T, C]`.
  public func reduce(_ value: Tensor, of tap: Tap) throws -> Tensor {
    switch self {
    case .all: value
    case .mean: try value.slice(1, tap.prefixTokens..<tap.tokens).mean([1], keepingAxes: true)
    case .prefix: try value.slice(1, 0..<tap.prefixTokens)
    }
  }
}
