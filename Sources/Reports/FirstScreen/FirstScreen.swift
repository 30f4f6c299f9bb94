import Figures
import Results

/// What the page says before its sections: the question, what was compared, three numbers, five findings. All of it is put
/// together from what the sections found; nothing is said of what was not measured.
struct FirstScreen {
  let content: ReportContent

  static let mostFindings = 5
  static let mostNumbers = 3

  private var sections: [AnalysisSection] { content.sections }
  private var models: StudyModels { content.models }

  /// Every store that was measured, in order of appearance.
  private var stores: [String] {
    let named =
      sections.flatMap(\.stores).map(\.name)
      + content.collection.folders.flatMap { $0.provenance?.stores ?? [] }.map(\.name)
    return named.reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
  }

  /// "ViT, DeiT, Swin and DETR", or how many they are where there are too many to be named.
  private var names: String {
    let names = models.models(of: stores)
    if names.isEmpty { return "the models" }
    return names.count > 6 ? "\(Sentences.count(names.count)) models" : Sentences.list(names)
  }

  func title() -> String {
    let starts = Set(sections.map(\.titleStart))
    let subject = starts.count == 1 ? starts.first ?? "" : "What is left of images in "
    return stores.isEmpty ? "Palimpsest report" : subject + names
  }

  /// What the analyses ask, in one sentence.
  func question() -> String {
    let aspects = sections.compactMap(\.aspect).reduce(into: [String]()) { if !$0.contains($1) { $0.append($1) } }
    let own = sections.compactMap(\.question).min { $0.rank < $1.rank }
    guard let own else {
      if let aspect = aspects.first, aspects.count == 1 {
        return "How much of the \(aspect) of an image comes back from each depth of \(names)?"
      }
      if aspects.count > 1 {
        return "What comes back of an image from each depth of \(names): its \(Sentences.list(aspects, "or its"))?"
      }
      return Sentences.list(sections.map(\.heading)) + (stores.isEmpty ? "." : " of \(names).")
    }
    let question = own.text(names)
    guard own.rank == 0 else { return question + "?" }
    switch aspects.count {
    case 0: return question + "?"
    case 1: return "\(question), and what becomes of its \(aspects[0])?"
    default: return "\(question), and what is lost first: \(Sentences.list(aspects, "or"))?"
    }
  }

  /// What was really compared, in one or two sentences.
  func compared() -> String {
    let provenances = content.collection.folders.flatMap { $0.provenance?.stores ?? [] }
    let counts = provenances.compactMap(\.images) + sections.flatMap(\.stores).compactMap(\.images)
    let names = models.models(of: stores)
    var text =
      names.isEmpty
      ? "" : Sentences.capitalised("\(Sentences.count(names.count)) \(names.count == 1 ? "model" : "models")")
    if let images = Sentences.images(counts) { text += text.isEmpty ? "Measured on \(images)" : ", \(images)" }
    if Set(counts).count == 1, ImageSets(content.collection.folders).areSeveral { text += " each, not the same ones" }
    let methods = models.methods(of: sections.compactMap(\.pictures).flatMap(\.stores).map(\.name) + inverted)
    if methods.count == 1 { text += ", reconstructed by the \(methods[0]) inverse" }
    if methods.count > 1 {
      text += ", reconstructed by \(Sentences.count(methods.count)) inverses: \(Sentences.list(methods))"
    }
    return text.isEmpty ? "" : text + "."
  }

  /// Stores of reconstructions, where no pictures of them are shown.
  private var inverted: [String] {
    content.collection.folders.filter { $0.has(.quality) }.flatMap { $0.provenance?.stores ?? [] }.map(\.name)
  }

  /// The findings, the most telling first, with the section that each is of.
  func findings() -> [(section: AnalysisSection, headline: Headline)] {
    let all = sections.flatMap { section in section.headlines.map { (section: section, headline: $0) } }
    return Array(
      all.enumerated().sorted { ($0.element.headline.rank, $0.offset) < ($1.element.headline.rank, $1.offset) }
        .map(\.element).prefix(Self.mostFindings))
  }

  func numbers() -> [(section: AnalysisSection, number: KeyNumber)] {
    let all = sections.flatMap { section in section.keyNumbers.map { (section: section, number: $0) } }
    return Array(
      all.enumerated().sorted { ($0.element.number.rank, $0.offset) < ($1.element.number.rank, $1.offset) }
        .map(\.element).prefix(Self.mostNumbers))
  }
}
