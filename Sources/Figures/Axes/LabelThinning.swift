/// Which labels of an axis are written when there is no room for all.
///
/// Names of taps come in groups (`block.0` … `block.11`, `stage.2.block.17`). The ends of every block (model) are
/// written first, then names that stand alone and the first of every group, then of each group every second, fourth
/// or eighth: one step for the whole axis, so that what is left out is regular.
enum LabelThinning {
  /// A name without its trailing number, and that number: `stage.2.block.17` is (`stage.2.block.`, 17).
  static func group(of label: String) -> (key: Substring, number: Int?) {
    let digits = label.reversed().prefix { $0.isASCII && $0.isNumber }.count
    guard digits > 0, digits <= 9 else { return (label[...], nil) }
    return (label.dropLast(digits), Int(label.suffix(digits)))
  }

  /// Indices, in order, of the labels to write.
  /// - Parameters:
  ///   - labels: all labels of the axis, empty ones are never written.
  ///   - blockStarts: the index at which each block begins, in order, starting with 0.
  ///   - centers: where each label's middle lies along the axis.
  ///   - room: how far apart the middles of two written labels must be.
  static func select(labels: [String], blockStarts: [Int], centers: [Double], room: Double) -> [Int] {
    let all = labels.indices.filter { !labels[$0].isEmpty }
    if zip(all, all.dropFirst()).allSatisfy({ centers[$1] - centers[$0] >= room - 1e-9 }) { return all }

    // The smallest power of two of neighbours that are far enough apart.
    let spacing = zip(centers, centers.dropFirst()).map { $1 - $0 }.min() ?? room
    var step = 1
    while Double(step) * spacing < room - 1e-9, step < labels.count { step *= 2 }

    let starts = Set(blockStarts)
    let ends = Set(blockStarts.dropFirst().map { $0 - 1 } + [labels.count - 1])
    var ranks: [(rank: Int, index: Int)] = []
    var previousKey: Substring?
    var firstNumber = 0
    for index in labels.indices {
      let (key, number) = group(of: labels[index])
      let isHead = key != previousKey || starts.contains(index)
      if isHead { firstNumber = number ?? 0 }
      previousKey = key
      guard !labels[index].isEmpty else { continue }
      let rank: Int
      if starts.contains(index) {
        rank = 0
      } else if ends.contains(index) {
        rank = 1
      } else if number == nil || isHead {
        rank = 2
      } else {
        let place = max(1, (number ?? 0) - firstNumber)
        guard place % step == 0 else { continue }
        rank = 3 + max(0, 4 - place.trailingZeroBitCount)
      }
      ranks.append((rank, index))
    }
    ranks.sort { ($0.rank, $0.index) < ($1.rank, $1.index) }

    var written: [Int] = []
    for (_, index) in ranks {
      let place = written.partitioningIndex { $0 > index }
      if place > 0, centers[index] - centers[written[place - 1]] < room - 1e-9 { continue }
      if place < written.count, centers[written[place]] - centers[index] < room - 1e-9 { continue }
      written.insert(index, at: place)
    }
    return written
  }
}

extension Array {
  /// The first index whose element satisfies `predicate`, in an array whose elements that do not come first.
  fileprivate func partitioningIndex(where predicate: (Element) -> Bool) -> Int {
    var low = 0
    var high = count
    while low < high {
      let middle = (low + high) / 2
      if predicate(self[middle]) { high = middle } else { low = middle + 1 }
    }
    return low
  }
}
