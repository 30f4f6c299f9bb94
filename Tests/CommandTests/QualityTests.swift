import Foundation
import NeuralNet
import Testing
import Torch

/// `analyze quality` as a user runs it.
@Suite struct QualityTests {
  let here: Workspace

  init() throws {
    here = try Workspace()
    try here.drawImages(6)
  }

  private func reconstruct(
    _ model: String, to out: String, control: [String] = [], _ more: String...
  ) throws {
    try here.trainAndReconstruct(
      model: "\(Program.fixtures)/\(model)", training: ["--epochs", "2"], inverse: "inverse-\(model)", to: out,
      common: control, more)
  }

  @Test func reconstructionsAreMeasured() throws {
    try reconstruct("timm-vit", to: "back.h5", "--conditions", "red")
    let measured = try here.run("analyze", "quality", "back.h5", "--out", "results", "--json", "--bootstrap", "50")
    #expect(measured.status == 0, "\(measured.error)")
    #expect(
      measured.error == """
        ms_ssim is left out of back: it needs 161 pixels a side
        lpips, lpips_vgg are left out of back: give the weights with --lpips FILE; scripts/lpips_weights.py writes it
        top1_agreement, feature_cosine, box_agreement, box_iou, box_class_agreement are left out of back: \
        give the model that made it with --model

        """)
    let rows = try here.table("results/quality.csv")
    #expect(rows[0] == ["store", "condition", "tap", "metric", "value", "low", "high", "n"])
    // Two conditions, two cuts, seven measures of pixels and two more summaries of one.
    #expect(rows.count == 1 + 36)
    #expect(measured.json?["rows"] as? Int == 36)
    #expect(rows[1].prefix(4) == ["back", "original", "embed", "mse"] && rows[1][7] == "6")
    #expect(rows.dropFirst().allSatisfy { row in row[4...6].allSatisfy { Double($0)?.isFinite == true } })
    let images = try here.table("results/quality_images.csv")
    #expect(images[0] == ["store", "condition", "tap", "path", "metric", "value"])
    #expect(images.count == 1 + 28 * 6)
    let first = images.dropFirst().filter { $0[1] == "original" && $0[2] == "embed" && $0[4] == "mse" }
    let mean = first.compactMap { Double($0[5]) }.reduce(0, +) / 6
    #expect(abs(mean - (Double(rows[1][4]) ?? .nan)) < 1e-12)
    #expect(!here.exists("results/quality_images.csv.partial"))
    let provenance = try here.text(of: "results/provenance.json")
    #expect(provenance.contains("quality.csv") && provenance.contains("\"bootstrap\""))
    let inspected = try here.run("inspect", "results")
    #expect(inspected.status == 0 && inspected.output.contains("quality_images.csv"), "\(inspected.error)")

    // The same again, on other threads, and other intervals with another seed or method.
    func again(_ more: String...) throws -> [String] {
      let outcome = try here.run(
        ["analyze", "quality", "back.h5", "--out", "again", "--quiet", "--bootstrap", "50"] + more)
      #expect(outcome.status == 0 && outcome.error == "" && outcome.output == "", "\(outcome.error)")
      return try ["quality.csv", "quality_images.csv"].map { try here.text(of: "again/\($0)") }
    }
    let texts = try ["quality.csv", "quality_images.csv"].map { try here.text(of: "results/\($0)") }
    #expect(try again("--threads", "1") == texts)
    let (seeded, accelerated) = (try again("--seed", "5"), try again("--interval", "bca"))
    // Of six images no interval is drawn, by either method.
    #expect(seeded == texts && accelerated == texts)
  }

  @Test func theModelLooksAgain() throws {
    try reconstruct("timm-vit", to: "vit.h5")
    try reconstruct("hf-swin", to: "swin.h5", control: ["--control", "random-weights"])
    let measured = try here.run(
      "analyze", "quality", "vit.h5", "--metrics", "top1_agreement,feature_cosine", "--model",
      "\(Program.fixtures)/timm-vit", "--out", "results")
    #expect(measured.status == 0, "\(measured.error)")
    #expect(measured.error == "")
    let rows = try here.table("results/quality.csv").dropFirst()
    #expect(
      rows.map { $0[2] + " " + $0[3] } == [
        "embed top1_agreement", "embed feature_cosine", "block.2 top1_agreement", "block.2 feature_cosine",
      ])
    #expect(rows.allSatisfy { row in (-1...1).contains(Double(row[4]) ?? 2) && row[7] == "6" })
    // Each store by its own model, one of them with weights that were drawn.
    let both = try here.run(
      "analyze", "quality", "vit.h5", "swin.h5", "--metrics", "feature_cosine", "--model",
      "\(Program.fixtures)/hf-swin", "--model", "\(Program.fixtures)/timm-vit", "--out", "both")
    #expect(both.status == 0 && both.error == "", "\(both.error)")
    #expect(Set(try here.table("both/quality.csv").dropFirst().map { $0[0] }) == ["vit", "swin"])
    try differencesAreThoseOfTheFigures()
    try expectRefusal(
      here,
      ["analyze", "quality", "vit.h5", "--model", "\(Program.fixtures)/timm-deit3", "--out", "other"],
      "--model FIXTURES/timm-deit3 made none of the stores (its weights have another SHA-256 than vit.h5 records); "
        + "give the model that made them")
    #expect(!here.exists("other"))
  }

  /// Rows of two stores against the figures of their images.
  private func differencesAreThoseOfTheFigures() throws {
    let outcome = try here.run(
      "analyze", "quality", "vit.h5", "swin.h5", "--metrics", "mse,psnr", "--out", "differences", "--json")
    #expect(outcome.status == 0, "\(outcome.error)")
    let rows = try here.table("differences/quality_differences.csv")
    #expect(
      rows[0].joined(separator: ",")
        == "store_a,store_b,condition,match,tap,tap_b,metric,n,difference,low,high,p_value,p_adjusted,effect_size,"
        + "rank_biserial")
    #expect(outcome.json?["differences"] as? Int == rows.count - 1)
    let figures = try here.table("differences/quality_images.csv").dropFirst()
    func values(_ store: String, _ tap: String, _ metric: String) -> [String: Double] {
      Dictionary(
        uniqueKeysWithValues: figures.filter { $0[0] == store && $0[2] == tap && $0[4] == metric }
          .compactMap { row in Double(row[5]).map { (row[3], $0) } })
    }
    #expect(Set(rows.dropFirst().map { $0[3] }) == ["name", "depth"])
    for row in rows.dropFirst() {
      #expect(row[0] == "vit" && row[1] == "swin" && row[2] == "original" && row[7] == "6")
      #expect(row[3] == "depth" || row[4] == row[5])
      let (a, b) = (values("vit", row[4], row[6]), values("swin", row[5], row[6]))
      let mean = a.keys.sorted().reduce(0.0) { $0 + (a[$1] ?? .nan) - (b[$1] ?? .nan) } / 6
      #expect(abs(mean - (Double(row[8]) ?? .nan)) < 1e-12, "\(row)")
      let (p, adjusted) = (try #require(Double(row[11])), try #require(Double(row[12])))
      // Six images have 64 patterns of signs.
      #expect(p * 64 == (p * 64).rounded() && adjusted >= p && adjusted <= 1, "\(row)")
    }
    #expect(try here.text(of: "differences/provenance.json").contains("quality_differences.csv"))
    #expect(!here.exists("results/quality_differences.csv"))
  }

  /// LPIPS with drawn weights: that it measures as the package does is tested where it is computed.
  @Test func weightsOfLPIPSAreTakenFromAFile() throws {
    let drawn = LPIPS(.vgg)
    try drawn.drawParameters(Generator(seed: 3))
    for (name, parameter) in drawn.namedParameters() where name.hasPrefix("lin") {
      try parameter.set(Tensor.ones(parameter.shape))
    }
    try SafetensorsWriter.write(
      drawn.namedParameters().map { ("vgg.\($0.name)", try $0.parameter.value) },
      to: URL(fileURLWithPath: here.path("lpips.safetensors")))
    try reconstruct("timm-vit", to: "back.h5")
    let measured = try here.run(
      "analyze", "quality", "back.h5", "--metrics", "psnr,lpips,lpips_vgg", "--lpips", "lpips.safetensors", "--out",
      "results")
    #expect(measured.status == 0, "\(measured.error)")
    #expect(
      measured.error
        == "lpips is left out of back: give the weights with --lpips FILE; scripts/lpips_weights.py writes it\n")
    let rows = try here.table("results/quality.csv").dropFirst()
    #expect(
      rows.map { $0[2] + " " + $0[3] } == [
        "embed psnr", "embed psnr_of_mean", "embed psnr_median", "embed lpips_vgg", "block.2 psnr",
        "block.2 psnr_of_mean",
        "block.2 psnr_median", "block.2 lpips_vgg",
      ])
    for row in rows where row[3] == "lpips_vgg" {
      #expect((Double(row[4]) ?? 0) > 0 && row[7] == "6", "\(row)")
    }
    #expect(try here.text(of: "results/provenance.json").contains("\"role\" : \"lpips\""))
  }

  @Test func aDetectorLooksForItsObjectsAgain() throws {
    let model = Program.zoo + "/detr"
    try here.drawImages(8, in: "large", size: "160x160")
    try here.trainAndReconstruct(
      model: model, images: "large/images",
      training: ["--inverse", "ridge", "--modules", "projection,encoder.2"], to: "detr.h5")
    let boxes = "box_agreement,box_iou,box_class_agreement"
    let outcome = try here.run(
      "analyze", "quality", "detr.h5", "--metrics", boxes, "--model", model, "--out", "results")
    #expect(outcome.status == 0 && outcome.error == "", "\(outcome.error)")
    let rows = try here.table("results/quality.csv").dropFirst()
    #expect(rows.first?.prefix(4) == ["detr", "original", "projection", "box_agreement"])
    for row in rows { #expect((0...1).contains(Double(row[4]) ?? -1), "\(row)") }
    // A lower bar lets more queries count.
    let lower = try here.run(
      "analyze", "quality", "detr.h5", "--metrics", boxes, "--confidence", "0.01", "--model", model, "--out", "lower")
    #expect(lower.status == 0, "\(lower.error)")
    #expect(try here.table("lower/quality.csv") != here.table("results/quality.csv"))
    try expectRefusal(
      here, ["analyze", "quality", "detr.h5", "--confidence", "1.5", "--out", "other"],
      "the confidence of a detection is 1.5; expected 0 or more, and less than 1")
  }

  @Test func whatCannotBeMeasuredIsRefused() throws {
    try here.extract("--taps", "embed", images: "scenes/images", to: "plain.h5")
    try expectRefusal(
      here, ["analyze", "quality", "plain.h5", "--out", "results"],
      "plain.h5 holds no reconstructions; make them with palimpsest reconstruct, after palimpsest train")
    try expectRefusal(
      here, ["analyze", "quality", "plain.h5", "--out", "results", "--metrics", "ssmi"],
      "--metrics: 'ssmi' is unknown (did you mean 'ssim'?); give mse, mae, psnr, ssim, ms_ssim, gmsd, haarpsi, ciede2000, lpips, lpips_vgg, "
        + "top1_agreement, feature_cosine, box_agreement, box_iou, box_class_agreement, all")
    try expectRefusal(
      here, ["analyze", "quality", "plain.h5", "--out", "results", "--metrics", "psnr,lpips_vgg"],
      "--metrics: 'lpips_vgg' needs the weights of a network; give them with --lpips FILE, which "
        + "scripts/lpips_weights.py --out FILE writes (see palimpsest analyze quality --help)")
    try expectRefusal(
      here, ["analyze", "quality", "plain.h5", "--out", "results", "--lpips", "nowhere.safetensors"],
      "--lpips: HERE/nowhere.safetensors: no such file; check the path; scripts/lpips_weights.py --out FILE writes such a "
        + "file")
    try expectRefusal(
      here,
      [
        "analyze", "quality", "plain.h5", "--out", "results", "--lpips",
        "\(Program.fixtures)/timm-vit/model.safetensors",
      ],
      "--lpips FIXTURES/timm-vit/model.safetensors: no tensor of it begins with 'alex.' or 'vgg.'; "
        + "scripts/lpips_weights.py --out FILE writes such a file")
    try expectRefusal(
      here, ["analyze", "quality", "plain.h5", "--out", "results", "--interval", "normal"],
      "--interval is 'normal'; give hall, percentile or bca")
    try expectRefusal(
      here, ["analyze", "quality", "plain.h5", "--out", "results", "--correction", "bonferroni"],
      "--correction is 'bonferroni'; give holm or benjamini-hochberg")
  }
}
