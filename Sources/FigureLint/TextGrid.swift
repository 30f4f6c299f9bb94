import Figures
import Formats

/// Texts by where they lie, so that only those near each other are compared: a page may have ten thousands, all in one line or one
/// over the other.
struct TextGrid {
  private struct Cell: Hashable {
    let column: Int
    let row: Int
  }

  private let texts: [DrawnPage.Text]
  private let side: Double
  private var members: [Cell: [Int]] = [:]
  /// Of the largest texts, which lie in more cells than are worth a list: they are near to all.
  private var everywhere: [Int] = []

  /// Cells along one side that a text may lie in.
  private static let mostCells = 256

  init(_ texts: [DrawnPage.Text]) {
    self.texts = texts
    let sizes = texts.map(\.size).filter { $0.isFinite && $0 > 0 }.sorted()
    side = max(1, (sizes.isEmpty ? 10 : sizes[sizes.count / 2]) * 2)
    for (index, text) in texts.enumerated() {
      guard let cells = cells(of: text.bounds) else {
        everywhere.append(index)
        continue
      }
      for cell in cells { members[cell, default: []].append(index) }
    }
  }

  /// nil where these are too many.
  private func cells(of bounds: Rectangle) -> [Cell]? {
    let columns =
      Int(
        saturating: (bounds.x / side).rounded(.down))...max(
        Int(saturating: (bounds.x / side).rounded(.down)), Int(saturating: (bounds.right / side).rounded(.down)))
    let rows =
      Int(
        saturating: (bounds.y / side).rounded(.down))...max(
        Int(saturating: (bounds.y / side).rounded(.down)), Int(saturating: (bounds.bottom / side).rounded(.down)))
    let (width, isWide) = columns.upperBound.subtractingReportingOverflow(columns.lowerBound)
    let (height, isHigh) = rows.upperBound.subtractingReportingOverflow(rows.lowerBound)
    guard !isWide, !isHigh, width < Self.mostCells, height < Self.mostCells else { return nil }
    return rows.flatMap { row in columns.map { Cell(column: $0, row: row) } }
  }

  /// Calls `visit` with texts that may touch a rectangle, until it returns false; perhaps with one several times.
  func near(_ bounds: Rectangle, _ visit: (Int) -> Bool) {
    guard let cells = cells(of: bounds) else {
      for index in texts.indices where !visit(index) { return }
      return
    }
    for index in everywhere where !visit(index) { return }
    for cell in cells {
      for index in members[cell] ?? [] where !visit(index) { return }
    }
  }
}
