import Figures
import Results

/// What all figures of a report have in common: which model and method a store is of and how both look, how deep taps lie, and what
/// the author set.
package struct Study {
  let settings: FigureSettings
  let models: StudyModels
  let depths: TapDepths

  /// - Parameter folders: what each analysis records of its stores, in the order of the report.
  init(_ folders: [[Provenance.Store]], settings: FigureSettings) {
    self.settings = settings
    models = StudyModels(folders.flatMap { $0 })
    depths = TapDepths(folders, of: models)
  }

  // MARK: Looks

  /// A model's colour and shape are the same in all figures; so are a method's line and filling.
  private func look(_ member: StudyModels.Name, among shown: [StudyModels.Name], kind: String) -> SeriesLook {
    let unknown = shown.map(\.model).filter { !models.models.contains($0) }
      .reduce(into: [String]()) { if !$0.contains($1) { $0.append($1) } }
    let color =
      models.models.firstIndex(of: member.model)
      ?? models.models.count + (unknown.firstIndex(of: member.model) ?? 0)
    return SeriesLook(
      color: color, shape: color, line: line(member.method, among: shown),
      paint: paint(of: member.model, kind: kind))
  }

  /// The colour that the author gave a model; nil for that of the style.
  private func paint(of model: String, kind: String) -> Color? {
    models.spellings(of: model).compactMap { settings.value(.colors, of: kind, name: $0) }.first
      .flatMap { Color(hex: $0) }
  }

  /// The colour of a store's model, where it stands for itself: on the page.
  func color(ofStore store: String, style: FigureStyle) -> Color {
    let name = models.name(of: store)
    return look(name, among: [name], kind: "").color(style)
  }

  /// Stores without a method look like those of the first, unless both are shown.
  private func line(_ method: String, among shown: [StudyModels.Name]) -> Int {
    if let index = models.methods.firstIndex(of: method) { return index }
    return shown.contains { !$0.method.isEmpty } ? models.methods.count : 0
  }

  /// The looks of trainings of one model, which are its methods: those that stores are of, then others.
  /// - Parameter checkpoint: the beginning of the model's SHA-256.
  func looks(ofRuns runs: [String], checkpoint: String, kind: String) -> [String: SeriesLook] {
    let model = models.model(ofCheckpoint: checkpoint)
    let color = model.flatMap { models.models.firstIndex(of: $0) } ?? 0
    var taken = Set(runs.compactMap { models.methods.firstIndex(of: $0) })
    var looks: [String: SeriesLook] = [:]
    for run in runs {
      var line = models.methods.firstIndex(of: run)
      if line == nil {
        // The first free line, then those behind the ones of the report's methods.
        line = taken.contains(0) ? max(models.methods.count, (taken.max() ?? 0) + 1) : 0
      }
      taken.insert(line ?? 0)
      looks[run] = SeriesLook(
        color: color, shape: color, line: line ?? 0,
        paint: model.flatMap { paint(of: $0, kind: kind) })
    }
    return looks
  }

  // MARK: What a figure shows

  /// The stores of a figure: those that are wanted, in the order that is wanted, with their names and looks.
  struct Choice {
    struct Entry {
      let store: String
      let member: StudyModels.Name
      let look: SeriesLook
      /// What it is called: its model, and its method where several are shown.
      let label: String
    }

    let entries: [Entry]
    /// What the colours and the lines mean: models, then methods where there are several.
    let legend: [LegendItem]

    subscript(store: String) -> Entry? { entries.first { $0.store == store } }
    var models: [String] { entries.map(\.member.model).reduce(into: []) { if !$0.contains($1) { $0.append($1) } } }
    var methods: [String] { entries.map(\.member.method).reduce(into: []) { if !$0.contains($1) { $0.append($1) } } }
  }

  /// - Parameter kind: the kind of the figure, for what is set of it alone.
  func choice(_ names: [String], kind: String) -> Choice {
    let members = names.map(models.name(of:))
    func rank(_ spellings: [String], _ wanted: [String]?, _ known: [String]) -> Int? {
      guard let wanted else { return known.firstIndex(of: spellings[0]) ?? known.count }
      return wanted.firstIndex { name in
        spellings.contains { $0 == name || settings.value(.names, of: kind, name: $0) == name }
      }
    }
    let wantedModels = settings.list(.models, of: kind)
    let wantedMethods = settings.list(.methods, of: kind)
    let shown = zip(names, members).enumerated().compactMap { place, pair in
      let (name, member) = pair
      // A store may be named itself.
      let model =
        rank(models.spellings(of: member.model), wantedModels, models.models)
        ?? wantedModels?.firstIndex { $0 == name }
      let method = rank([member.method], wantedMethods, models.methods)
      return model.flatMap { model in
        method.map { (model: model, method: $0, place: place, name: name, member: member) }
      }
    }.sorted { ($0.model, $0.method, $0.place) < ($1.model, $1.method, $1.place) }
    let all = shown.map(\.member)
    let hasMethods = Set(all.map(\.method)).count > 1
    let hasModels = Set(all.map(\.model)).count > 1
    func methodName(_ method: String) -> String {
      method.isEmpty ? "no inverse" : settings.name(method, of: kind)
    }
    let entries = shown.map { item in
      let model = settings.name(item.name, of: kind, otherwise: name(ofModel: item.member.model, kind: kind))
      let isNamed = settings.value(.names, of: kind, name: item.name) != nil
      return Choice.Entry(
        store: item.name, member: item.member, look: look(item.member, among: all, kind: kind),
        label: isNamed || !hasMethods
          ? model : hasModels ? "\(model), \(methodName(item.member.method))" : methodName(item.member.method))
    }
    var legend: [LegendItem] = []
    if hasModels || !hasMethods {
      for entry in entries where !legend.contains(where: { $0.look.color == entry.look.color }) {
        var look = entry.look
        if hasMethods { look.line = 0 }
        let name = hasMethods ? name(ofModel: entry.member.model, kind: kind) : entry.label
        legend.append(LegendItem(name, look))
      }
    }
    if hasMethods {
      var seen: Set<String> = []
      for entry in entries.sorted(by: { $0.look.line < $1.look.line }) where seen.insert(entry.member.method).inserted {
        var look = entry.look
        if hasModels { look = SeriesLook(color: nil, shape: 0, line: entry.look.line) }
        legend.append(
          LegendItem(
            methodName(entry.member.method), look, startsGroup: hasModels && legend.allSatisfy { $0.look.color != nil })
        )
      }
    }
    return Choice(entries: entries, legend: legend)
  }

  // MARK: Names

  /// What a model is called.
  func name(ofModel model: String, kind: String) -> String {
    models.spellings(of: model).compactMap { settings.value(.names, of: kind, name: $0) }.first ?? model
  }

  /// What a metric, a condition, a tap or a region is called.
  func name(_ text: String, kind: String, otherwise plain: String? = nil) -> String {
    settings.name(text, of: kind, otherwise: plain)
  }

  /// Some of a list, in the order that is wanted.
  func chosen(_ all: [String], by setting: FigureSetting, kind: String) -> [String] {
    guard let wanted = settings.list(setting, of: kind) else { return all }
    return wanted.compactMap { name in all.first { $0 == name || settings.name($0, of: kind) == name } }
  }
}
