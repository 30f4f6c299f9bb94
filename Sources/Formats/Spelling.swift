/// Suggestions for names that were not understood.
public enum Spelling {
  /// ` (did you mean 'NAME'?)` for the nearest name, empty where none is near.
  public static func suggestion(for name: String, among names: [String]) -> String {
    nearest(to: name, among: names).map { " (did you mean '\($0)'?)" } ?? ""
  }

  /// The name with the fewest edits from `name`, letter case aside, the first of several. Where it takes more edits than
  /// half of its letters (two are always few): the first name that begins with the three or more letters of `name`, else nil.
  public static func nearest(to name: String, among names: [String]) -> String? {
    let wanted = name.lowercased()
    let distances = names.map { (name: $0, distance: distance(wanted, $0.lowercased())) }
    guard let nearest = distances.min(by: { $0.distance < $1.distance }),
      nearest.distance <= max(2, nearest.name.count / 2)
    else { return wanted.count < 3 ? nil : names.first { $0.lowercased().hasPrefix(wanted) } }
    return nearest.name
  }

  /// Levenshtein distance: the fewest characters to insert, delete or replace. Of a very long `first` only the beginning
  /// is looked at.
  public static func distance(_ first: String, _ second: String) -> Int {
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
