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
    let drawn = found.stores.prefix(ReconstructionFigures.mostStores)
    if drawn.count < found.stores.count {
      section.introduction +=
        " Figures show those of \(drawn.map(\.name).joined(separator: ", ")), conditions those of the last of them; the "
        + "pictures at the top of the page have all."
    }
    for (index, store) in drawn.enumerated() {
      section.figures += try ReconstructionFigures(
        store: store, values: values, identifier: context.names.take("of-\(Escaping.fileName(store.name))"),
        style: context.style, imageCount: ReconstructionFigures.imageCount(stores: found.stores.count),
        showsConditions: drawn.count == found.stores.count || index == drawn.count - 1
      ).all()
    }
    if !found.stores.isEmpty { section.pictures = AnalysisSection.Pictures(stores: found.stores, values: values) }
    return section
  }
}
