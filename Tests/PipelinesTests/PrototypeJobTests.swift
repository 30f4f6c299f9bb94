import Activations
import Analysis
import Foundation
import Pipelines
import Testing

/// The analysis of prototypes as a value that runs, without the command line.
@Suite struct PrototypeJobTests {
  let workspace: JobWorkspace

  init() throws {
    workspace = try JobWorkspace()
    try workspace.drawPictures(6)
    _ = try workspace.extraction(to: "vit.h5").run()
  }

  private func job() -> PrototypeJob {
    var settings = Prototypes.Settings()
    settings.permutations = 2
    settings.selection.bootstrap = 10
    settings.selection.threads = 2
    return PrototypeJob(
      AnalysisFolder(stores: [workspace.path("vit.h5")], out: workspace.path("results"), command: ["palimpsest"]),
      settings: settings)
  }

  @Test func prototypesAreClassMeansInAStoreOfTheirOwn() throws {
    let summary = try job().run()
    #expect(summary.images == [6] && summary.counts["pictures"] == 0)
    let store = try FeatureStore(path: workspace.path("vit.h5"))
    let prototypes = try FeatureStore(path: workspace.path("results/prototypes-vit.h5"))
    #expect(prototypes.imagePaths == ["blue", "red"] && prototypes.labels == [0, 1])
    #expect(prototypes.attribute("checkpoint_sha256") == store.attribute("checkpoint_sha256"))
    for tap in try store.taps() {
      #expect(try prototypes.tap(tap.name).grid == tap.grid)
      let rows = try [1, 3, 5].map { try store.readRows(tap: tap.name, rows: [$0]) }
      let mean = rows[0].indices.map { column in rows.reduce(0) { $0 + $1[column] } / 3 }
      let stored = try prototypes.readRows(tap: tap.name, rows: [0])
      #expect(zip(stored, mean).allSatisfy { abs($0 - $1) <= 1e-5 * max(1, abs($1)) }, "\(tap.name)")
    }
    for file in ["prototypes.csv", "prototypes_classes.csv", "medoids.csv", "prototypes_images.csv", "provenance.json"]
    {
      #expect(workspace.exists("results/\(file)"), "\(file)")
    }
  }

  @Test func inversesMakePicturesOfPrototypes() throws {
    var training = workspace.training(to: "ridge")
    training.inverse = .ridge
    _ = try training.run()
    var job = job()
    job.inverses = [training.out]
    // Two classes at two cuts.
    #expect(try job.run().counts["pictures"] == 4)
    for name in ["embed/red", "embed/blue", "block.2/red", "block.2/blue"] {
      #expect(workspace.exists("results/prototypes-vit/\(name).png"), "\(name)")
    }
  }

  @Test func aPlacementThatWasAskedForNeedsADetector() throws {
    var job = job()
    job.placement = ClassPlaces.Settings()
    _ = try job.run()
    #expect(!workspace.exists("results/places.csv"))
    job.placementOption = "--places"
    #expect(throws: BadInput.self) { try job.run() }
  }
}
