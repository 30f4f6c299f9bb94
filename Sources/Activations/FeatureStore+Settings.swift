import HDF5
import Results

extension FeatureStore {
  /// Whether the writer of the store keeps what image files are known by, and checksums over it.
  func recordsContents() throws -> Bool {
    try reporting {
      guard try file.entry(at: StoreSchema.imageContent) == .dataset,
        try file.entry(at: StoreSchema.imageChecksums) == .dataset
      else { return false }
      return try file.attribute(StoreSchema.covers, of: StoreSchema.imageChecksums)?.strings?.contains("sha256")
        ?? false
    }
  }

  /// Compares what the store records with what a command wants.
  ///
  /// - Throws: `StoreError` of kind `otherSettings` that names the first setting that differs, with both values.
  func requireSameSettings(as plan: StorePlan) throws {
    func differs(_ name: String, _ here: String, _ wanted: String) -> StoreError {
      StoreError(
        .otherSettings,
        "the store at \(path) was made with \(name) \(StoreText.short(here)), this command has \(StoreText.short(wanted));"
          + " give another --out or remove it")
    }
    func compare(_ name: String, _ here: String?, _ wanted: String) throws {
      if (here ?? "none") != wanted { throw differs(name, here ?? "none", wanted) }
    }
    let header = plan.header
    if model != header.model || attribute("checkpoint_sha256") != header.checkpointSHA256 {
      let here = "\(model) (sha256 \(StoreText.short(attribute("checkpoint_sha256") ?? "unknown", 12)))"
      throw differs("model", here, "\(header.model) (sha256 \(StoreText.short(header.checkpointSHA256, 12)))")
    }
    try compare("family", family, header.family)
    try compare("config", attribute("config"), header.configuration)
    try compare("preprocessing", attribute("preprocessing"), header.preprocessing)
    try compare("seed", attribute("seed"), "\(header.seed)")
    for setting in header.settings { try compare(setting.name, attribute(setting.name), setting.value) }
    try compare("dtype", attribute(StoreSchema.precision), plan.precision.rawValue)
    try compare("compression", attribute(StoreSchema.compression), plan.compression.description)
    try compare("batch size", attribute(StoreSchema.blockSize), "\(plan.blockSize)")
    try compare("conditions", conditions.joined(separator: ", "), orderedConditions(plan).joined(separator: ", "))
    try compareImages(plan, differs)
    for condition in plan.conditions {
      let here = try taps(condition: condition)
      try compare(
        "taps", here.map(\.name).joined(separator: ", "), plan.taps.map(\.name).joined(separator: ", "))
      for (stored, wanted) in zip(here, plan.taps) {
        let known = StoreTap(
          name: stored.name, tokens: stored.tokens, channels: stored.channels, grid: stored.grid,
          prefixTokens: stored.prefixTokens, parent: wanted.parent, role: wanted.role, axes: wanted.axes)
        guard known == wanted, stored.scalar == plan.precision.scalar else {
          throw differs(
            "tap \(stored.name)", "[\(stored.tokens), \(stored.channels)] \(stored.scalar)",
            "[\(wanted.tokens), \(wanted.channels)] \(plan.precision.rawValue)")
        }
      }
      let size = try inputSize(condition: condition)
      try compare(
        "reconstructions", try reconstructions(of: condition).joined(separator: ", "),
        plan.reconstructions.joined(separator: ", "))
      try compare("input size", size.map { "\($0)" }, plan.inputSize.map { "\($0)" } ?? "none")
      if !plan.reconstructions.isEmpty {
        try compare(
          "size of reconstructions", try reconstructionSize(of: condition).map { "\($0)" },
          plan.reconstructionSize.map { "\($0)" } ?? "none")
      }
      try compare(
        "joints", try joints(of: condition)?.description, plan.joints?.description ?? "none")
    }
    for dataset in plan.datasets {
      guard try reporting({ try file.dataset(StoreSchema.checksum(of: dataset.path)).shape }) == [count] else {
        throw StoreError(
          .badStore, "\(path): the checksums of \(dataset.path) are missing; it cannot be taken up again")
      }
    }
  }

  /// Conditions as the reader orders them.
  private func orderedConditions(_ plan: StorePlan) -> [String] {
    plan.conditions.filter { $0 == ConditionName.original.text }
      + plan.conditions.filter { $0 != ConditionName.original.text }
  }

  private func compareImages(_ plan: StorePlan, _ differs: (String, String, String) -> StoreError) throws {
    for (index, image) in plan.images.enumerated() where index < count {
      guard imagePaths[index] == image.path else { throw differs("image \(index)", imagePaths[index], image.path) }
      guard labels[index] == image.label else {
        throw differs("label of \(image.path)", "\(labels[index])", "\(image.label)")
      }
    }
    guard count == plan.images.count else { throw differs("number of images", "\(count)", "\(plan.images.count)") }
    guard classes == plan.classes else {
      throw differs("classes", classes.joined(separator: ", "), plan.classes.joined(separator: ", "))
    }
  }
}

/// Texts inside messages.
enum StoreText {
  /// The beginning of a long text.
  static func short(_ text: String, _ length: Int = 80) -> String {
    text.count <= length ? text : text.prefix(length) + "…"
  }

  /// `120 to 159`, or `7` of one.
  static func range(_ rows: Range<Int>) -> String {
    rows.count == 1 ? "\(rows.lowerBound)" : "\(rows.lowerBound) to \(rows.upperBound - 1)"
  }
}
