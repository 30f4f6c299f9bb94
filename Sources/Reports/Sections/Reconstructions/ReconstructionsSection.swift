import Figures
import Results

/// The section with the pictures that `analyze quality` measured.
struct ReconstructionsSection: ReportSection {
  static let definition = AnalysisDefinition.quality
  static let identifier = "reconstructions"
  static let heading = "Reconstructions"

  let folder: AnalysisFolder
  let context: SectionContext

  func section() throws -> AnalysisSection? {
    let found = ReconstructionStores(folder, open: context.openStore)
    guard !found.stores.isEmpty || !found.warnings.isEmpty else { return nil }
    let values =
      try folder.has(.qualityImages)
      ? ImageValues(file: folder.path(of: .qualityImages), metric: QualityMetric.psnr.rawValue) : nil
    var section = context.empty(
      folder,
      introduction: found.stores.isEmpty
        ? "The stores with the reconstructions were not found where the analysis read them, so there are no pictures here."
        : "What the reconstructions look like, in the stores that the analysis above measured.")
    section.warnings = found.warnings
    let kind = ReconstructionFigures.kind
    let choices = context.study.choice(found.stores.map(\.name), kind: kind)
    let shown = try shownValues(psnr: values)
    for group in groups(choices, found.stores) {
      let (figures, further) = try draw(group, values: shown, &section.warnings)
      section.figures += figures
      section.further += further
    }
    if !found.stores.isEmpty { section.pictures = AnalysisSection.Pictures(stores: found.stores, values: values) }
    return section
  }

  /// Stores of one model, images and size, which are its methods.
  private func groups(
    _ choice: Study.Choice, _ stores: [ReconstructionStores.Store]
  ) -> [[(entry: Study.Choice.Entry, store: ReconstructionStores.Store)]] {
    var groups: [[(entry: Study.Choice.Entry, store: ReconstructionStores.Store)]] = []
    for entry in choice.entries {
      guard let store = stores.first(where: { $0.name == entry.store }) else { continue }
      let index = groups.firstIndex { group in
        let (other, source) = (group[0].entry, group[0].store.source)
        return other.member.model == entry.member.model && source.imagePaths == store.source.imagePaths
          && source.size == store.source.size && !group.contains { $0.entry.member.method == entry.member.method }
      }
      if let index { groups[index].append((entry, store)) } else { groups.append([(entry, store)]) }
    }
    return groups
  }

  private func draw(
    _ group: [(entry: Study.Choice.Entry, store: ReconstructionStores.Store)], values: ImageValues?,
    _ warnings: inout [String]
  ) throws -> (figures: [ReportFigure], further: [ReportFigure]) {
    let first = group[0]
    let kind = ReconstructionFigures.kind
    guard
      let choice = try ImageChoice(
        shownOf: first.store, measured: values,
        count: context.study.settings.number(.imageCount, of: kind).map { Int($0) },
        kind: kind, settings: context.study.settings)
    else { return ([], []) }
    if !choice.unknown.isEmpty {
      warnings.append(
        "images: \(Sentences.list(choice.unknown.map { "'\($0)'" })) \(choice.unknown.count == 1 ? "is" : "are") no complete image "
          + "and no class of \(first.entry.store); give names of images as the store has them, or names of classes.")
    }
    let name = group.count > 1 ? context.models.spellings(of: first.entry.member.model).last ?? "" : first.entry.store
    return try ReconstructionFigures(
      members: group.map { ReconstructionFigures.Member(store: $0.store, method: $0.entry.member.method) },
      model: first.entry.member.model, identifier: context.names.take("of-\(Escaping.fileName(name))"),
      study: context.study, style: context.style, tree: folder.tapTree, values: values, choice: choice
    ).all()
  }

  /// The values that stand under the pictures: PSNR, or the metric that was asked for.
  private func shownValues(psnr: ImageValues?) throws -> ImageValues? {
    guard let wanted = context.study.settings.list(.metrics, of: ReconstructionFigures.kind)?.first,
      QualityMetric(rawValue: wanted) != nil, wanted != psnr?.metric, folder.has(.qualityImages)
    else { return psnr }
    return try ImageValues(file: folder.path(of: .qualityImages), metric: wanted)
  }
}
