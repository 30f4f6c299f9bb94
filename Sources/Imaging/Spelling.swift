/// Suggestions for names that were not understood.
public enum Spelling {
  /// ` (did you mean 'NAME'?)` for the name nearest by edit distance, empty where none is near.
  public static func suggestion(for name: String, among names: [String]) -> String {
    let distances = names.map { (name: $0, distance: distance(name.lowercased(), $0.lowercased())) }
    guard let nearest = distances.min(by: { $0.distance < $1.distance }),
      nearest.distance <= max(2, nearest.name.count / 2)
    else { return "" }
    return " (did you mean '\(nearest.name)'?)"
  }

  /// Levenshtein distance.
  private static func distance(_ first: String, _ second: String) -> Int {
    let target = Array(second)
    var row = Array(0...target.count)
    for (index, character) in first.prefix(100).enumerated() {
      var diagonal = row[0]
      row[0] = index + 1
      for column in target.indices {
        let substitution = diagonal + (character == target[column] ? 0 : 1)
        diagonal = row[column + 1]
        row[column + 1] = min(substitution, diagonal + 1, row[column] + 1)
      }
    }
    return row[target.count]
  }
}
