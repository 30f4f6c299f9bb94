/// The delete-a-group jackknife over images of several classes: intervals of figures to which every image adds through the
/// mean of its class, so that drawing images twice would change them (Quenouille 1956; Tukey 1958; Efron and Stein 1981).
struct GroupJackknife: Sendable {
  /// The most groups.
  static let mostGroups = 20
  /// Classes of fewer images have no interval: what is left of them without a group would not be like them.
  static let leastImages = 5

  /// For each image its group.
  let groups: [Int]
  let count: Int

  /// Deals the images of each class to the groups in turn, class after class.
  ///
  /// - Parameters:
  ///   - labels: the class of each image, `0 ..< classes`.
  /// - Returns: nil where a class has fewer than ``leastImages`` images.
  init?(labels: [Int], classes: Int) {
    var sizes = [Int](repeating: 0, count: classes)
    for label in labels { sizes[label] += 1 }
    guard sizes.allSatisfy({ $0 >= GroupJackknife.leastImages }) else { return nil }
    count = min(GroupJackknife.mostGroups, labels.count)
    var next = sizes.indices.map { sizes[..<$0].reduce(0, +) }
    var groups: [Int] = []
    for label in labels {
      groups.append(next[label] % count)
      next[label] += 1
    }
    self.groups = groups
  }
}
