/// Which numbers can be placed on an axis: beyond 1e300 lengths and their logarithms are no longer numbers of a computer, and below
/// 1e-300 nothing can be told from zero.
enum DrawableNumber {
  static let largest = 1e300
  static let smallest = 1e-300

  static func isDrawable(_ value: Double) -> Bool { value.isFinite && value.magnitude <= largest }

  /// - Parameter subject: whose numbers they are, for the message.
  /// - Throws: ``FigureError`` for a finite number that is too large; others that have no place are gaps.
  static func require(_ values: some Sequence<Double?>, of subject: String) throws(FigureError) {
    for case let value? in values where value.isFinite && value.magnitude > largest {
      throw FigureError("\(subject) has the value \(value); nothing beyond \(largest) can be drawn")
    }
  }
}
