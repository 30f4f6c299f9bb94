/// `range` in consecutive pieces of `size`, the last with what is left; a size below 1 counts as 1.
public func pieces(of range: Range<Int>, size: Int) -> [Range<Int>] {
  let size = max(1, size)
  return stride(from: range.lowerBound, to: range.upperBound, by: size).map { $0..<min(range.upperBound, $0 + size) }
}

extension Array {
  /// Consecutive pieces of at most `size` elements.
  public func pieces(of size: Int) -> [[Element]] {
    Formats.pieces(of: 0..<count, size: size).map { Array(self[$0]) }
  }
}

extension Array where Element: Hashable {
  /// Each element once, where it first stood.
  public var unique: [Element] {
    var seen: Set<Element> = []
    return filter { seen.insert($0).inserted }
  }
}
