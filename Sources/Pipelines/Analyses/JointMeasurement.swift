import Activations
import Analysis
import Backbones
import Formats
import Foundation
import Inversion
import Results
import Torch

/// Where the errors lie that chains of inverses have at their joints: what `analyze quality --joints` measures, of stores that
/// these inverses made.
struct JointMeasurement {
  /// Folders that training wrote.
  let folders: [String]
  let selection: MeasureSelection
  let device: Device

  /// `joints.csv` and `joint_spectra.csv`.
  struct Tables {
    var joints = TidyTable(.joints)
    var spectra = TidyTable(.jointSpectra)
  }

  /// Inverses and a store that they made.
  struct Part {
    let store: PixelStore
    let path: String
    let folder: InverseFolder
    let plan: TrainingPlan
    let kept: InverseFolder.Kept
  }

  /// Which inverses made which store.
  ///
  /// - Throws: ``BadInput`` where inverses made none of the stores or have no joints.
  func parts(_ stores: [PixelStore]) throws -> [Part] {
    try folders.flatMap { path in
      let (folder, plan) = try plan(of: path)
      let parts = try stores.compactMap { store -> Part? in
        let kept = try store.store.attribute("inverse_sha256").flatMap { sum in
          try InverseFolder.Kept.allCases.first { try folder.digest(plan, $0) == sum }
        }
        return kept.map { Part(store: store, path: path, folder: folder, plan: plan, kept: $0) }
      }
      guard !parts.isEmpty else {
        throw BadInput(
          "--joints \(path) made none of \(stores.map(\.store.path).joined(separator: ", ")) (their inverse_sha256 is another); "
            + "give the folder that palimpsest reconstruct had as --inverse")
      }
      return parts
    }
  }

  /// - Throws: `AnalysisError`, `InversionError`, ``Interrupted``.
  func run(_ parts: [Part], of stores: [PixelStore], _ reporter: JobReporter) throws -> Tables {
    var tables = Tables()
    for part in parts { try measure(part, into: &tables, reporter) }
    for store in stores where !parts.contains(where: { $0.store.name == store.name }) {
      reporter.note("\(store.name): no errors at its joints, for none of --joints made it")
    }
    return tables
  }

  private func plan(of path: String) throws -> (InverseFolder, TrainingPlan) {
    let folder = InverseFolder(URL(fileURLWithPath: path))
    guard let plan = try folder.plan() else {
      throw BadInput("--joints \(path): no inverse networks are here (no plan.json); give what palimpsest train wrote")
    }
    guard !plan.mode.trainsChains, !plan.inverse.leadsDirectly else {
      throw BadInput(
        "--joints \(path): what --mode \(plan.mode.rawValue) with --inverse \(plan.inverse.rawValue) trains has no joints that stand "
          + "for an activation; give inverses of --mode modular")
    }
    return (folder, plan)
  }

  private func measure(_ made: Part, into tables: inout Tables, _ reporter: JobReporter) throws {
    let (store, path, plan) = (made.store, made.path, made.plan)
    guard let architecture = plan.architecture else {
      throw BadInput(
        "--joints \(path): an earlier palimpsest trained it and did not record how the model is built; train again")
    }
    let backbone = try ModelRegistry.backbone(architecture, place: made.folder.planURL.path)
    let inverses = try TrainedInverses(
      made.folder, for: backbone, sha256: plan.checkpointSHA256, control: plan.control, kept: made.kept, device: device)
    let compatibility = StoreCompatibility(inverse: path, plan: plan)
    let known = try backbone.taps(height: plan.height, width: plan.width)
    let needed = known.filter { plan.cuts.flatMap(inverses.taps(of:)).contains($0.name) }
    for part in try ReconstructionSelection.of(store, selection) {
      let available = try compatibility.taps(needed, in: store.store, [part.condition])
      let cuts = plan.cuts.filter { inverses.taps(of: $0).allSatisfy(available.contains) }
      guard try compatibility.hasPixels(store.store, [part.condition]), cuts.count > 1 else {
        reporter.note(
          "\(store.name), \(part.condition): no errors at the joints, for the store keeps "
            + (cuts.count > 1 ? "no inputs" : "the activations of \(cuts.isEmpty ? "no cut" : "\(cuts[0]) alone")")
            + "; make it with palimpsest reconstruct --images")
        continue
      }
      let batches = try StoredBatches(
        store: store.store, taps: needed.filter { available.contains($0.name) }, plan: plan, hasPixels: true)
      let spectra = try spectra(inverses, batches, cuts, part, reporter)
      for (tap, found) in spectra { append(found, [.text(store.name), .text(part.condition)], tap, part, &tables) }
    }
  }

  /// By joint, shallow to deep, the spectra of the chains that pass it.
  private func spectra(
    _ inverses: TrainedInverses, _ batches: StoredBatches, _ cuts: [String], _ part: ReconstructionSelection,
    _ reporter: JobReporter
  ) throws -> [(tap: String, found: [ErrorSpectrum])] {
    let plan = inverses.plan
    let chain = try inverses.chain(from: plan.cuts[0])
    let joints = try cuts.compactMap { cut in try chain.jointSpectrum(at: cut, plan: plan).map { (cut, $0) } }
    // The map to the image is learned from every other image, and its ridge chosen on the others.
    let halves = [0, 1].map { half in part.rows.enumerated().filter { $0.offset % 2 == half }.map(\.element) }
    let pieces = zip(halves, [ObservationRole.training, .validation]).flatMap { rows, role in
      rows.pieces(of: plan.batchSize).map { (rows: $0, role: role) }
    }
    for (index, piece) in pieces.enumerated() {
      if reporter.isCancelled() { throw Interrupted() }
      try withoutGradients {
        let read = try batches.read(piece.rows, condition: part.condition)
        guard let bytes = read.pixels else { return }
        let features = try read.features.mapValues { try $0.to(device) }
        let pixels = try bytes.to(device).to(.float32).permuted(0, 3, 1, 2) / 255
        let context = try chain.context(
          height: plan.height, width: plan.width, validSizes: read.validSizes, scale: plan.scale, isTraining: false)
        func truth(_ cut: String) throws -> Tensor { try inverses.activation(at: cut, from: features) }
        for (cut, spectrum) in joints {
          try spectrum.observe(truth(cut), pixels: pixels, role: piece.role, context: context)
        }
        for start in cuts where part.taps.contains(start) {
          _ = try chain.descend(truth(start), from: start, context: context) { target, output in
            guard let target, let joint = joints.first(where: { $0.0 == target }) else { return }
            try joint.1.observe(output, truth: truth(target), from: start, context: context)
          }
        }
      }
      reporter.show(JobProgress("joints", index + 1, of: pieces.count, unit: "batches"))
    }
    return try joints.map { ($0.0, try $0.1.solve()) }
  }

  private func append(
    _ found: [ErrorSpectrum], _ labels: [TidyTable.Field], _ tap: String, _ part: ReconstructionSelection,
    _ tables: inout Tables
  ) {
    for spectrum in found {
      let names = labels + [.text(spectrum.start), .text(tap)]
      tables.joints.append(
        names + [
          .integer(part.rows.count), .integer(spectrum.gains.count), .real(spectrum.variance), .real(spectrum.error),
          .real(spectrum.imageError), .real(spectrum.isotropicImageError), .integer(spectrum.seenDirections.count),
          .real(spectrum.seenShare),
        ])
      let shares = spectrum.imageShares
      for index in spectrum.gains.indices {
        tables.spectra.append(
          names + [
            .integer(index + 1), .real(spectrum.gains[index]), .real(spectrum.variances[index]),
            .real(spectrum.errors[index]), .real(shares?[index]),
          ])
      }
    }
  }
}
