import Figures
import Results

extension SimilarityAnalysis: ReportedAnalysis {
  package static var sections: [any ReportSection.Type] { [SimilaritySection.self] }
}

/// The section of `analyze similarity`: a variant for each measure, estimator and token mode, with its maps and tables.
struct SimilaritySection: ReportSection {
  static let definition = AnalysisDefinition.similarity

  let folder: AnalysisFolder
  let context: SectionContext

  func section() throws -> AnalysisSection? {
    let results = try SimilarityResults(folder: folder)
    var section = context.empty(
      folder,
      introduction:
        "How alike what the models' taps say of the same images is: every tap compared with every other, of its own "
        + "model and of the others.")
    section.warnings = results.warnings
    let colorMap = try ColorMap.named(context.style.sequential)
    section.variants = results.files.flatMap { file in
      file.variants.map { variant in
        let identifier = context.names.take(variant.identifier)
        let findings = SimilarityFindings(variant: variant)
        return AnalysisSection.Variant(
          identifier: identifier, label: variant.longLabel, findings: findings.findings(),
          tables: [ClosestTaps(variant: variant, pairs: findings.pairs(), identifier: identifier).table()].compactMap {
            $0
          },
          figures: SimilarityFigures(
            variant: variant, table: file.table, identifier: identifier, context: context,
            colorMap: colorMap, tree: folder.tapTree
          ).all(), matrix: variant,
          source: .init(file: file.name, text: file.table.text(of: file.table.rows)))
      }
    }
    section.exports = try results.files.compactMap(\.nullName).map {
      AnalysisSection.ExportedTable(file: $0, text: try folder.text(of: $0))
    }
    if folder.has(.tokenConclusions) {
      let conclusions = try TokenConclusionTable(folder: folder, identifier: context.identifier)
      section.findings += [conclusions.finding()].compactMap { $0 }
      section.tables.append(conclusions.table())
    }
    if let calibrated = try CalibratedTable(folder: folder, identifier: context.identifier) {
      section.tables += [calibrated.table()].compactMap { $0 }
      section.figures += [
        CalibratedForest(table: calibrated, style: context.style, study: context.study).figure()
      ].compactMap { $0 }
    }
    let differences = try SimilarityDifferenceTable(folder: folder, identifier: context.identifier)
    if let finding = differences?.finding() { section.findings.append(finding) }
    if let table = differences?.table() { section.tables.append(table) }
    let variants = results.variants
    section.headlines = [
      variants.first.flatMap { first in
        SimilarityHeadlines(
          variant: first, models: context.models, figure: section.variants.first?.figures.first?.name ?? ""
        ).headline()
      }
    ].compactMap { $0 }
    section.question = Question(rank: 1) { models in
      "How alike is what \(models) make\(variants.first?.stores.count == 1 ? "s" : "") of the same images, layer by layer"
    }
    section.titleStart = "Similarity of "
    section.stores = variants.flatMap { variant in
      variant.stores.map { store in
        let counts = variant.rows.filter { $0.storeA == store.name || $0.storeB == store.name }.map(\.count)
        return (store.name, store.taps, counts.max())
      }
    }
    section.methods = methods(variants)
    if differences != nil { section.methods.append(SimilarityDifferenceTable.method) }
    return section
  }

  private func methods(_ variants: [SimilarityVariant]) -> [Method] {
    func unique(_ names: [String]) -> [String] { names.reduce(into: []) { if !$0.contains($1) { $0.append($1) } } }
    let measures = unique(variants.map(\.measure))
    let known = measures.map { (key: $0, definition: MeasureDefinition.named($0)) }
    var methods = [
      Method(
        "Similarity",
        "A tap gives a matrix with one row an image. All sums are in double precision; column means are subtracted first."
      )
    ]
    if SimilarityMeasure.cka.contains(where: { measures.contains($0.rawValue) }) {
      methods.append(
        Method(
          "Centred kernel alignment",
          "With the kernel matrix K of one tap and L of the other; it is 1 for features that agree up to rotation and scale.",
          formula: "CKA(K, L) = HSIC(K, L) / √( HSIC(K, K) · HSIC(L, L) )",
          reference: "Kornblith, Norouzi, Lee and Hinton, ICML 2019"))
    }
    methods += known.map { key, definition in
      definition.map { Method($0.title, $0.method, reference: $0.reference) }
        ?? Method(key, "See docs/definitions.md of Palimpsest.")
    }
    methods += unique(variants.map(\.estimator)).compactMap(EstimatorDefinition.named).map {
      Method($0.title, $0.method, reference: $0.reference)
    }
    if variants.contains(where: \.hasIntervals) {
      methods.append(
        Method(
          "Intervals of similarity",
          "95 %: the jackknife, which leaves out one image after the other, less what it counts twice, on Fisher's scale, with "
            + "Student's t. Each interval stands for itself; nothing is corrected for the number of pairs. Biased CKA, SVCCA, "
            + "PWCCA, Procrustes and mutual neighbours have none, for none "
            + "would hold what it says.",
          reference: "Tukey, 1958; Efron and Stein, 1981"))
    }
    if variants.contains(where: { !$0.knownNulls.isEmpty }) {
      methods.append(
        Method(
          "Null band",
          "The value over random pairings of the images of the two taps: its mean and the 2.5th and 97.5th percentile. p is the "
            + "share of pairings, the true one among them, that are as alike as the two taps; it is corrected over all pairs of "
            + "different taps of one measure by the step-down maximum over the same pairings, each pair's scores in "
            + "standard deviations from their mean.",
          reference: "Phipson and Smyth, 2010; Westfall and Young, 1993"))
      methods.append(CalibratedTable.method)
    }
    methods.append(
      Method(
        "Colours",
        "One scale from 0 to 1 in all figures of similarity (0 to π/2 of angles). Cells outside of it take the colour of its end and a dot; their "
          + "numbers are printed as they are."))
    return methods
  }
}
