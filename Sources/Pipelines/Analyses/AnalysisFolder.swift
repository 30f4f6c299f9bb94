import Activations
import Analysis
import Formats
import Foundation
import Imaging
import Reports
import Results

/// What the analyses of stores share: opening the stores with their objects, and a results folder with its provenance.
public struct AnalysisFolder: Sendable {
  /// Paths of the stores.
  public let stores: [String]
  /// The folder of the results.
  public let out: String
  /// A COCO instances file; nil where none is given.
  public let annotations: String?
  private let record: RunRecord
  private let runNotes = RunNotes()

  /// - Parameter command: as it could be typed, beginning with `palimpsest`: for the provenance.
  public init(stores: [String], out: String, annotations: String? = nil, command: [String]) {
    self.stores = stores
    self.out = out
    self.annotations = annotations
    record = RunRecord(command: command)
  }

  /// A reporter whose notes go into `provenance.json` too. A job takes it before anything else: notes of an earlier run are
  /// forgotten.
  func recording(_ reporter: JobReporter) -> JobReporter {
    runNotes.empty()
    return runNotes.gathering(reporter)
  }

  /// What a reader of the results should know: all that was noted since ``recording(_:)``.
  var notes: [String] { runNotes.all }

  /// Opens the stores and reads the annotations.
  ///
  /// - Throws: ``BadInput`` where no store is named or the annotations are of other images; `StoreError`, `ImagingError`.
  public func open(_ reporter: JobReporter = .silent) throws -> [PixelStore] {
    let opened = try openStores(reporter)
    let objects = try readAnnotations()
    for sentence in objects?.notes ?? [] { reporter.note("\(annotations ?? ""): \(sentence)") }
    return try opened.map { name, store in
      try PixelStore(store, name: name, annotations: objects, file: annotations, note: reporter.note)
    }
  }

  /// The stores with the names that tables call them by; what a reader should know of their files is said.
  func openStores(_ reporter: JobReporter) throws -> [(name: String, store: FeatureStore)] {
    guard !stores.isEmpty else { throw BadInput("no store is named; give one or more .h5 files") }
    let opened = try stores.map { try FeatureStore(path: $0) }
    for note in opened.flatMap(\.notes) { reporter.note(note) }
    return zip(NamedSource.names(of: stores), opened).map { ($0, $1) }
  }

  /// nil where none are given.
  func readAnnotations() throws -> COCOAnnotations? {
    try annotations.map { try COCOAnnotations(contentsOf: URL(fileURLWithPath: $0)) }
  }

  /// Makes the folder and keeps other processes from writing into it until the lock is released.
  public func make() throws -> OutputLock { try OutputPath.lockFolder(out) }

  public func path(_ name: String) -> String { URL(fileURLWithPath: out).appendingPathComponent(name).path }

  /// Writes a table under the name that its definition gives it.
  public func write(_ table: TidyTable, as definition: TableDefinition) throws {
    try table.write(to: path(definition.file))
  }

  /// A table that is written as its rows come.
  public func stream(_ table: TableDefinition) throws -> TableStream { try TableStream(table, in: out) }

  /// Removes tables that an earlier run left there: they belong to other numbers.
  public func remove(_ names: [String]) {
    for name in names { try? FileManager.default.removeItem(atPath: path(name)) }
  }

  /// Writes `provenance.json`, with the notes of the run so far.
  ///
  /// - Parameters:
  ///   - images: how many were used of each store.
  ///   - inputs: files that were read beside stores and annotations.
  public func writeProvenance(
    of opened: [PixelStore], images: [Int], seed: UInt64, settings: [(name: String, value: String)],
    outputs: [String], inputs: [Provenance.File] = []
  ) throws {
    try writeProvenance(
      stores: zip(opened, images).map { store, images in
        try RunRecord.describe(
          store.store, name: store.name, condition: store.store.conditions.first ?? ConditionName.original.text,
          images: images,
          tokens: store.store.attribute("tokens") ?? "all")
      }, seed: seed, settings: settings, outputs: outputs, inputs: inputs)
  }

  /// The same with the stores described.
  func writeProvenance(
    stores described: [Provenance.Store], seed: UInt64, settings: [(name: String, value: String)], outputs: [String],
    inputs: [Provenance.File] = []
  ) throws {
    var read = stores.map { FileHash.record($0, role: "store") }
    if let annotations { read.append(FileHash.record(annotations, role: "annotations")) }
    try record.write(
      to: URL(fileURLWithPath: out), seed: seed, settings: settings, inputs: read + inputs, outputs: outputs,
      stores: described, notes: notes)
  }

  /// Says what a reader of the tables should know.
  ///
  /// - Parameter subset: which of the images that can be used were taken of each store.
  func report(
    _ notes: [String], _ leftOut: [LeftOutImage], taking subset: Subset, of opened: [PixelStore],
    to reporter: JobReporter
  ) {
    for note in notes { reporter.note(note) }
    for (name, sentence) in choices(subset, of: opened, leftOut) { reporter.note("\(name): \(sentence)") }
    guard let first = leftOut.first else { return }
    let count = leftOut.count == 1 ? "1 image is" : "\(leftOut.count) images are"
    reporter.note("\(count) left out, the first: \(first.path) of \(first.store): \(first.reason)")
  }

  /// A sentence on the images that were taken of each store, where there is something to say.
  private func choices(
    _ subset: Subset, of opened: [PixelStore], _ leftOut: [LeftOutImage]
  ) -> [(name: String, sentence: String)] {
    opened.compactMap { store in
      let missing = Set(leftOut.filter { $0.store == store.name }.map(\.path))
      let usable = store.store.imagePaths.filter { !missing.contains($0) }
      let taken = min(usable.count, subset.most ?? usable.count)
      return subset.note(usable, taken: taken, kind: "images").map { (store.name, $0) }
    }
  }
}
