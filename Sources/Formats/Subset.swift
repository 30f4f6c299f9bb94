import Foundation

/// Which members of a list are used, in the order of the list.
///
/// The first of a folder that is sorted by class are of few classes; a random sample is of all of them.
public enum Subset: Sendable, Equatable {
  case all
  /// The first so many.
  case first(Int)
  /// So many at random, without replacement.
  ///
  /// Each name has a mark of its own, the SHA-256 of `SEED/0/NAME` (`SEED/K/NAME` where K members before it have the same name), and
  /// the members with the lowest marks are taken. Which they are depends on names and seed alone: lists of the same names have the
  /// same sample, whatever their order is, and of lists that differ a little the samples do too.
  case random(Int, seed: UInt64)

  /// The most members that are taken; nil for all.
  public var most: Int? {
    switch self {
    case .all: nil
    case .first(let count), .random(let count, _): count
    }
  }

  /// The option that asks for it, without dashes.
  public var option: String { if case .random = self { "sample" } else { "limit" } }

  /// Indices of the members that are taken, ascending.
  ///
  /// - Parameters:
  ///   - names: of all members.
  ///   - usable: indices of those that can be taken, ascending; nil for all.
  public func indices(of names: [String], usable: [Int]? = nil) -> [Int] {
    let usable = usable ?? Array(names.indices)
    guard let most, most < usable.count else { return usable }
    guard case .random(_, let seed) = self else { return Array(usable.prefix(most)) }
    var earlier: [UInt64: Int] = [:]
    let marks = names.map { name in
      let mark = Subset.mark(name, number: 0, seed: seed)
      let number = earlier[mark, default: 0]
      earlier[mark] = number + 1
      return number == 0 ? mark : Subset.mark(name, number: number, seed: seed)
    }
    return usable.sorted { (marks[$0], $0) < (marks[$1], $1) }.prefix(max(0, most)).sorted()
  }

  /// The first eight bytes of the SHA-256, the first of them the highest.
  private static func mark(_ name: String, number: Int, seed: UInt64) -> UInt64 {
    ContentDigest("\(seed)/\(number)/\(name)").bytes.prefix(8).reduce(0) { $0 << 8 | UInt64($1) }
  }

  // MARK: What is said of it

  /// As provenance records it.
  public var recorded: [(name: String, value: String)] {
    switch self {
    case .all: [("limit", "none"), ("sample", "none")]
    case .first(let count): [("limit", "\(count)"), ("sample", "none")]
    case .random(let count, let seed): [("limit", "none"), ("sample", RandomSample(count, seed: seed).description)]
    }
  }

  /// What a reader should know of what was taken: that it is a sample, or that folders are left out; nil where there is nothing.
  ///
  /// - Parameters:
  ///   - names: paths of all members that can be taken.
  ///   - taken: how many were.
  ///   - kind: what the members are, in the plural.
  public func note(_ names: [String], taken: Int, kind: String) -> String? {
    switch self {
    case .all: return nil
    case .first:
      let (some, all) = (Subset.folders(names.prefix(taken)), Subset.folders(names))
      guard some < all else { return nil }
      return
        "the limit takes the first \(taken) of \(names.count) \(kind) in the order of their paths: they come from \(some) of \(all) "
        + "folders, so that classes in folders of their own are left out; --sample \(taken) in place of --limit draws them from all"
    case .random(let count, let seed):
      guard count < names.count else {
        return "a sample of \(count) was asked for, but there are \(names.count) \(kind): all of them are taken"
      }
      return "a random sample of \(taken) of \(names.count) \(kind) is taken (--sample \(count):\(seed))"
    }
  }

  /// How many folders right below the first hold the files of some paths.
  private static func folders(_ paths: some Sequence<String>) -> Int {
    Set(paths.map { $0.contains("/") ? String($0.prefix { $0 != "/" }) : "" }).count
  }
}

/// A random sample as it is asked for: `N`, drawn by the seed of what takes it, or `N:SEED`.
public struct RandomSample: Sendable, Equatable, CustomStringConvertible {
  public let count: Int
  public let seed: UInt64?

  public init(_ count: Int, seed: UInt64? = nil) {
    self.count = count
    self.seed = seed
  }

  /// nil for any other text, and for less than one member.
  public init?(_ text: String) {
    let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
    guard let count = Int(parts[0]), count > 0 else { return nil }
    guard parts.count == 2 else {
      self.init(count)
      return
    }
    guard let seed = UInt64(parts[1]) else { return nil }
    self.init(count, seed: seed)
  }

  public var description: String { seed.map { "\(count):\($0)" } ?? "\(count)" }

  /// What to give, as the end of a message.
  public static let forms = "give N, or N:SEED, such as 500 or 500:3"

  /// - Parameter seed: where the sample has none of its own.
  public func subset(seed: UInt64) -> Subset { .random(count, seed: self.seed ?? seed) }
}
