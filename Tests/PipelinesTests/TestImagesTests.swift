import Formats
import Foundation
import Imaging
import Pipelines
import Results
import Testing

/// Images that neither train nor choose are measured at the end, by the best weights.
@Suite struct TestImagesTests {
  let workspace: JobWorkspace

  init() throws { workspace = try JobWorkspace() }

  /// Pictures of one gray each, as large as the model's input.
  private func fill(_ name: String, _ levels: [UInt8]) throws -> String {
    let folder = workspace.folder.appendingPathComponent(name)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    for (number, level) in levels.enumerated() {
      let picture = PixelImage(width: 64, height: 64, pixels: [UInt8](repeating: level, count: 64 * 64 * 3))
      try Data(picture.png()).write(to: folder.appendingPathComponent("\(number).png"))
    }
    return folder.path
  }

  private func training(to name: String, _ test: String?) throws -> TrainingJob {
    var job = workspace.training(to: name)
    job.source = .images(try fill("train", [100, 120, 140]), validation: try fill("validation", [10, 20]))
    job.inverse = .meanImage
    job.test = test
    return job
  }

  private func rows(_ path: String, _ columns: [Column]) throws -> [[String]] {
    let table = try CommaSeparatedValues(
      parsing: [UInt8](Data(contentsOf: workspace.folder.appendingPathComponent(path))))
    let places = try columns.map { try #require(table.column($0.name)) }
    return table.records.map { record in places.map { record.fields[$0] } }
  }

  /// The mean of the training images is 120, whatever the activation: errors and their interval by hand.
  @Test func errorsAreThoseOfTheTestImagesAlone() throws {
    let record = Record()
    let result = try training(to: "mean", fill("test", [130, 170])).run(record.reporter)
    let table = try rows("mean/test.csv", [.cut, .count, .meanSquaredError, .peakSignalToNoise, .low, .high])
    #expect(table.map { $0[0] } == result.plan.cuts && table.allSatisfy { $0[1] == "2" })
    let errors = [10.0, 50.0].map { $0 / 255 * $0 / 255 }
    let ratios = errors.map { -10 * log10($0) }
    let mean = (ratios[0] + ratios[1]) / 2
    // Student's t of one degree of freedom, 12.7062, times the standard error of two.
    let reach = 12.7062047 * abs(ratios[0] - ratios[1]) / 2
    for row in table {
      let numbers = row[2...].map { Double($0) ?? .nan }
      #expect(abs(numbers[0] - (errors[0] + errors[1]) / 2) < 1e-6)
      #expect(abs(numbers[1] - mean) < 1e-3)
      #expect(abs(numbers[2] - (mean - reach)) < 0.01 && abs(numbers[3] - (mean + reach)) < 0.01)
    }
    let images = try rows("mean/test_images.csv", [.path, .cut, .peakSignalToNoise])
    #expect(images.count == 2 * table.count)
    #expect(images.prefix(2).map { $0[0] } == ["0.png", "1.png"])
    #expect(abs((Double(images[1][2]) ?? 0) - ratios[1]) < 1e-3)
    #expect(record.said.last?.hasPrefix("PSNR of 2 test images, which neither trained nor chose: embed ") == true)
    // The curves stay those of the images that choose.
    let curves = try rows("mean/curves.csv", [.meanSquaredError])
    let chosen = [110.0, 100.0].map { $0 / 255 * $0 / 255 }
    #expect(curves.allSatisfy { abs((Double($0[0]) ?? 0) - (chosen[0] + chosen[1]) / 2) < 1e-5 })
  }

  /// Trainings with and without, side by side.
  @Test func theComparisonTellsWhichWereMeasuredOnOthers() throws {
    _ = try training(to: "with", fill("test", [130, 170])).run()
    _ = try training(to: "without", nil).run()
    _ = try training(to: "elsewhere", fill("others", [90])).run()
    let names = ["with", "without", "elsewhere"]
    let job = EfficiencyJob(
      trainings: names.map(workspace.path), out: workspace.path("results"), command: ["palimpsest"])
    let comparison = try job.run()
    let table = try rows("results/efficiency_test.csv", [.run, .count, .tested])
    #expect(Set(table.map { $0[0] }) == ["with", "elsewhere"])
    #expect(Set(table.map { $0[2] }).count == 2)
    #expect(
      comparison.notes.contains(
        "without was measured on the images alone that chose epoch and ridge, and is not in efficiency_test.csv; train again "
          + "with --test-images or --test-features to measure on others"))
    #expect(
      comparison.notes.contains(
        "elsewhere is measured on other test images than with: their test errors cannot be compared"))
    _ = try EfficiencyJob(trainings: [workspace.path("without")], out: workspace.path("results"), command: []).run()
    #expect(!workspace.exists("results/efficiency_test.csv"))
  }

  /// The losses of every training stand in one table, as each wrote them.
  @Test func theHistoryIsThatOfTheTrainings() throws {
    try workspace.drawPictures(8)
    var network = workspace.training(to: "network")
    (network.epochs, network.cuts) = (2, ["embed"])
    _ = try network.run()
    _ = try training(to: "mean", nil).run()
    func compare(_ names: [String]) throws {
      _ = try EfficiencyJob(trainings: names.map(workspace.path), out: workspace.path("results"), command: []).run()
    }
    try compare(["network", "mean"])
    let columns: [Column] = [.module, .split, .epoch, .step, .loss]
    let own = try rows("network/history.csv", columns)
    let joined = try rows("results/efficiency_history.csv", [.run, .mode, .phase] + columns)
    #expect(own.count >= 4 && Set(own.map { $0[2] }).isSuperset(of: ["1", "2"]))
    #expect(joined.filter { $0[0] == "network" } == own.map { ["network", "modular", "modular"] + $0 })
    let other = try rows("mean/history.csv", columns)
    #expect(joined.filter { $0[0] == "mean" }.map { Array($0[3...]) } == other)
    let provenance = try String(contentsOfFile: workspace.path("results/provenance.json"), encoding: .utf8)
    #expect(provenance.contains("efficiency_history.csv") && provenance.contains("network/history.csv"))
  }

  @Test func imagesThatTheTrainingHasSeenAreRefused() throws {
    let test = try fill("test", [50, 20])
    #expect(
      throws: BadInput(
        "\(test): 1 of 2 test images are among those that train or validate (first: 1.png), so that their errors would say too "
          + "little; give images apart from those")
    ) { try training(to: "seen", test).run() }
  }
}
