import Formats

/// The numbers of classes that are known by name. Where every name is an integer from 0 (or -1, unknown), numbers are these integers;
/// otherwise classes are the integers among the names by their values and then the others by their UTF-8 bytes.
struct LabelNumbers {
  /// Names of the classes; where names are integers, the integers up to the largest.
  let classes: [String]
  /// nil where names are integers.
  private let indices: [String: Int32]?

  /// - Parameter names: of all images that have a label; may repeat.
  init(_ names: [String]) {
    let numbers = names.compactMap(LabelNumbers.integer).filter { $0 >= -1 && $0 < 1 << 20 }
    if numbers.count == names.count {
      classes = (0..<max((numbers.max() ?? -1) + 1, 0)).map { String($0) }
      indices = nil
    } else {
      classes = Set(names).sorted(by: LabelNumbers.precedes)
      indices = Dictionary(uniqueKeysWithValues: classes.enumerated().map { ($0.element, Int32($0.offset)) })
    }
  }

  /// -1 for a name that is none of them.
  func number(of name: String) -> Int32 {
    guard let indices else { return LabelNumbers.integer(name).map { Int32($0) } ?? Labels.unknown }
    return indices[name] ?? Labels.unknown
  }

  /// A whole number, also as pandas writes one in a column with gaps: `3.0`.
  private static func integer(_ text: String) -> Int? {
    if let whole = Int(text) { return whole }
    guard text.hasSuffix(".0") else { return nil }
    return Int(text.dropLast(2))
  }

  /// Integers by value, then everything else by its bytes.
  private static func precedes(_ first: String, _ second: String) -> Bool {
    switch (integer(first), integer(second)) {
    case (let one?, let two?) where one != two: one < two
    case (_?, nil): true
    case (nil, _?): false
    default: first.utf8.lexicographicallyPrecedes(second.utf8)
    }
  }
}
