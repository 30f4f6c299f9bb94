import Formats

/// How deep taps lie in their models, counted in layers: the index of the block where names are numbered, else the index in the
/// list of the most complete store of the model in the report.
struct TapDepths {
  /// By model, then by tap.
  private var depths: [String: [String: Double]] = [:]
  private let models: StudyModels
  private let tree: TapTree

  /// - Parameter folders: what each analysis records of its stores.
  init(_ folders: [[Provenance.Store]], of models: StudyModels) {
    self.models = models
    let all = folders.flatMap { $0 }
    tree = TapTree(all)
    var best: [String: (count: Int, names: [String: Double])] = [:]
    for folder in folders {
      let tree = TapTree(folder)
      for store in folder {
        let model = models.name(of: store.name).model
        guard let taps = store.taps, taps.count > best[model]?.count ?? 0 else { continue }
        best[model] = (taps.count, Self.places(of: taps, in: store.name, tree: tree))
      }
    }
    depths = best.mapValues(\.names)
  }

  /// Depths of taps of a store in one figure, and of the deepest layer of its model: those that the report knows of the model, or
  /// those that these taps tell by themselves.
  func places(of taps: [String], in store: String, tree: TapTree) -> (depths: [String: Double], last: Double) {
    let layers = tree.layers(of: taps, in: store)
    let model = models.name(of: store).model
    if let known = depths[model], (layers + tree.course(of: taps, in: store).parts).allSatisfy({ known[$0] != nil }) {
      return (known, known.values.max() ?? 0)
    }
    let own = Self.places(of: taps, in: store, tree: tree)
    return (own, own.values.max() ?? 0)
  }

  /// The depth of every layer of a list, of other names of their values, and of what is inside blocks: between the layer before the
  /// block and its output.
  private static func places(of taps: [String], in store: String, tree: TapTree) -> [String: Double] {
    let layers = Set(tree.layers(of: taps, in: store))
    let parts = Set(tree.course(of: taps, in: store).parts)
    // Blocks of which only the inside is there are counted as if they were there.
    let counted = taps.compactMap { tap in
      parts.contains(tap) ? BlockPart.split(tap)?.block : layers.contains(tap) ? tap : nil
    }
    var places = numbered(counted.reduce(into: []) { if !$0.contains($1) { $0.append($1) } })
    for tap in parts {
      guard let (block, part) = BlockPart.split(tap), let place = places[block] else { continue }
      places[tap] = place - 1 + part.place
    }
    for (tap, original) in tree.aliases(of: taps, in: store) { places[tap] = places[tap] ?? places[original] }
    return places
  }

  /// Layers in order: names of one group are as far apart as their numbers, and a group begins where the one before it ends.
  static func numbered(_ layers: [String]) -> [String: Double] {
    var places: [String: Double] = [:]
    var next = 0.0
    var group: Substring?
    var start = 0.0
    for layer in layers {
      let (key, number) = split(layer)
      guard let number else {
        places[layer] = next
        next += 1
        group = nil
        continue
      }
      if key != group {
        (group, start) = (key, next)
      }
      // `layer1` is the first of its group, as `block.0` is.
      let place = max(next, start + Double(key.hasSuffix(".") ? number : max(0, number - 1)))
      places[layer] = place
      next = place + 1
    }
    return places
  }

  /// A name without the number at its end, and that number.
  static func split(_ name: String) -> (key: Substring, number: Int?) {
    let digits = name.reversed().prefix { $0.isASCII && $0.isNumber }.count
    guard digits > 0, digits <= 6 else { return (name[...], nil) }
    return (name.dropLast(digits), Int(name.suffix(digits)))
  }
}
