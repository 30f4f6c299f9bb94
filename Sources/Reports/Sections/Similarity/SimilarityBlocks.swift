import Figures
import Results

/// The rows and columns of heat maps: a block a model, its taps by the numbers of their layers, its parts under brackets.
struct SimilarityBlocks {
  let study: Study
  let kind: String

  /// A model's taps that are shown, as indices of the matrix, and the block of their names.
  func block(_ store: SimilarityVariant.Store, label: String) -> (block: HeatMapBlock, indices: [Int]) {
    let taps = study.chosen(store.taps, by: .taps, kind: kind)
    let compact = Self.compact(taps)
    let labels = zip(taps, compact.labels).map { study.settings.name($0, of: kind, otherwise: $1) }
    let groups = compact.groups.map { group in
      HeatMapBlock.Group(study.name(group.name, kind: kind), first: group.first, count: group.count)
    }
    return (
      HeatMapBlock(name: label, labels: labels, groups: groups.count > 1 ? groups : nil),
      taps.compactMap(store.index)
    )
  }

  /// Shorter names of taps in order: numbers of layers that follow each other under one name, and the part of the model that they are
  /// of. Names without a number stay, and so does a single one.
  static func compact(_ taps: [String]) -> (labels: [String], groups: [HeatMapBlock.Group]) {
    var labels: [String] = []
    var groups: [HeatMapBlock.Group] = []
    var start = 0
    while start < taps.count {
      let (key, number) = TapDepths.split(taps[start])
      guard number != nil else {
        labels.append(taps[start])
        start += 1
        continue
      }
      var end = start
      while end < taps.count, TapDepths.split(taps[end]).key == key, TapDepths.split(taps[end]).number != nil {
        end += 1
      }
      // Outputs of stages stand for the stages: `stage.0` behind `stage.0.block.1`.
      let part = part(key)
      guard end - start > 1 || part.isStage else {
        labels.append(taps[start])
        start += 1
        continue
      }
      labels += taps[start..<end].map { TapDepths.split($0).number.map { "\($0)" } ?? $0 }
      var count = end - start
      if part.isStage, end < taps.count, String(taps[end]) + ".block." == String(key) {
        labels.append("")
        count += 1
        end += 1
      }
      groups.append(HeatMapBlock.Group(part.name, first: start, count: count))
      start = end
    }
    return (labels, groups)
  }

  /// What a part of a model is called: `S3` of `stage.2.block.`, `encoder` of `encoder.`.
  private static func part(_ key: Substring) -> (name: String, isStage: Bool) {
    let words = key.split(separator: ".")
    if words.count == 3, words[0] == "stage", words[2] == "block", let number = Int(words[1]) {
      return ("S\(number + 1)", true)
    }
    return (words.first.map(String.init) ?? String(key), false)
  }
}
