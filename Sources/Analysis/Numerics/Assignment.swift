/// The assignment problem: rows to columns, one to one, so that the sum of scores is greatest.
package enum Assignment {
  /// By shortest augmenting paths with potentials (Kuhn 1955; Jonker and Volgenant 1987), in O(rows² · columns) where there are
  /// no more rows than columns.
  ///
  /// - Parameter scores: by row; all rows of one length.
  /// - Returns: a pair for each row or each column, whichever there are fewer of, in the order of rows.
  package static func greatest(_ scores: [[Double]]) -> [(row: Int, column: Int)] {
    let columns = scores.first?.count ?? 0
    guard columns > 0 else { return [] }
    if scores.count > columns {
      let transposed = (0..<columns).map { column in scores.map { $0[column] } }
      return greatest(transposed).map { ($0.column, $0.row) }.sorted { $0.row < $1.row }
    }
    // Column 0 and row 0 stand for "none"; a cost is a score with its sign turned.
    var rowPotentials = [Double](repeating: 0, count: scores.count + 1)
    var columnPotentials = [Double](repeating: 0, count: columns + 1)
    var rows = [Int](repeating: 0, count: columns + 1)
    for row in 1...scores.count {
      rows[0] = row
      var least = [Double](repeating: .infinity, count: columns + 1)
      var before = [Int](repeating: 0, count: columns + 1)
      var isDone = [Bool](repeating: false, count: columns + 1)
      var column = 0
      repeat {
        isDone[column] = true
        let own = rows[column]
        var (step, next) = (Double.infinity, 0)
        for other in 1...columns where !isDone[other] {
          let cost = -scores[own - 1][other - 1] - rowPotentials[own] - columnPotentials[other]
          if cost < least[other] { (least[other], before[other]) = (cost, column) }
          if least[other] < step { (step, next) = (least[other], other) }
        }
        for other in 0...columns {
          if isDone[other] {
            rowPotentials[rows[other]] += step
            columnPotentials[other] -= step
          } else {
            least[other] -= step
          }
        }
        column = next
      } while rows[column] != 0
      while column != 0 {
        rows[column] = rows[before[column]]
        column = before[column]
      }
    }
    return (1...columns).filter { rows[$0] > 0 }.map { (rows[$0] - 1, $0 - 1) }.sorted { $0.row < $1.row }
  }
}
