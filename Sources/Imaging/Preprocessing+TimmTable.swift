import Formats

/// What timm's table says of names, read once.
private struct TimmConfigurations: Sendable {
  /// By name with tag.
  var recipes: [String: Preprocessing] = [:]
  /// The tags of each name in timm's order, and the one that a name alone means.
  var tags: [String: [String]] = [:]
  var standard: [String: String] = [:]
  var earlierNames: [String: String] = [:]

  static let shared = TimmConfigurations()

  private init() {
    for line in TimmTable.text.split(separator: "\n") {
      guard let colon = line.firstIndex(of: ":"), let recipe = TimmConfigurations.recipe(line[..<colon]) else {
        continue
      }
      for word in line[line.index(after: colon)...].split(separator: " ") {
        guard let dot = word.firstIndex(of: ".") else { continue }
        let name = String(word[..<dot])
        let list = word[word.index(after: dot)...].dropFirst().dropLast()
        for entry in list.split(separator: ",", omittingEmptySubsequences: false) {
          let tag = String(entry.drop { $0 == "*" })
          if entry.first == "*" { standard[name] = tag }
          tags[name, default: []].append(tag)
          var named = recipe
          named.source = "timm \(TimmTable.version) pretrained_cfg of \(tag.isEmpty ? name : "\(name).\(tag)")"
          recipes["\(name).\(tag)"] = named
        }
      }
    }
    for pair in TimmTable.earlierNames.split(whereSeparator: \.isWhitespace) {
      let names = pair.split(separator: "=").map(String.init)
      if names.count == 2 { earlierNames[names[0]] = names[1] }
    }
  }

  /// `224 bicubic 0.9 center 0.5 0.5`, with `any` behind it where the model takes other sizes.
  private static func recipe(_ text: Substring) -> Preprocessing? {
    let words = text.split(separator: " ").map(String.init)
    guard words.count == 6 || words.count == 7, let side = Int(words[0]),
      let interpolation = Interpolation(rawValue: words[1]),
      let fraction = Double(words[2])
    else { return nil }
    func channels(_ word: String) -> [Double] {
      let numbers = word.split(separator: ",").compactMap { Double($0) }
      return numbers.count == 1 ? [numbers[0], numbers[0], numbers[0]] : numbers
    }
    var recipe = Preprocessing(
      source: "", resize: .keep, interpolation: interpolation, mean: channels(words[4]), std: channels(words[5]),
      fixedInputSize: words.count == 6)
    recipe.setTimmGeometry(width: side, height: side, fraction: fraction, mode: words[3])
    return recipe
  }
}

extension Preprocessing {
  /// timm's own `pretrained_cfg` for an architecture by name, with a tag such as `.augreg_in21k_ft_in1k` or without, where timm
  /// takes the name's first tag. From timm's table, not from the name.
  ///
  /// - Throws: `ImagingError` where timm has no such name or tag.
  public static func timmDefault(architecture: String) throws -> Preprocessing {
    let table = TimmConfigurations.shared
    let parts = (table.earlierNames[architecture] ?? architecture).split(separator: ".", maxSplits: 1).map(String.init)
    let name = parts.first ?? ""
    guard let standard = table.standard[name], let tags = table.tags[name] else {
      throw ImagingError(
        reason:
          "timm \(TimmTable.version) has no preprocessing for the architecture '\(architecture)'; give a folder with a "
          + "config.json that has pretrained_cfg")
    }
    let tag = parts.count > 1 ? parts[1] : standard
    if let recipe = table.recipes["\(name).\(tag)"] { return recipe }
    throw ImagingError(
      reason:
        "--architecture \(architecture): timm \(TimmTable.version) has no tag '\(tag)' of \(name), so its preprocessing is not "
        + "known\(Spelling.suggestion(for: tag, among: tags)); tags are \(tags.filter { !$0.isEmpty }.joined(separator: ", ")). "
        + "Give one that is prepared alike, or a folder with a config.json that has pretrained_cfg")
  }

  /// A sentence for a name without a tag some of whose tags are prepared otherwise; nil where the name says enough.
  public static func timmAmbiguity(architecture: String) -> String? {
    let table = TimmConfigurations.shared
    guard table.earlierNames[architecture] == nil, !architecture.contains("."),
      let standard = table.standard[architecture], let chosen = table.recipes["\(architecture).\(standard)"]
    else { return nil }
    let others = (table.tags[architecture] ?? []).filter { tag in
      var other = table.recipes["\(architecture).\(tag)"]
      other?.source = chosen.source
      return other != chosen
    }
    guard !others.isEmpty else { return nil }
    return
      "--architecture \(architecture) names no weights: images are prepared as for timm's \(architecture).\(standard); weights of "
      + "the tag \(others.joined(separator: ", ")) are prepared otherwise, give --architecture NAME.TAG for them"
  }
}
