import Foundation
import TestSupport
import Testing

/// The paper's study as it is shipped, its whole graph: a Hub on this machine has small models of the same architectures under the published names
/// (`scripts/fixtures/paper_models.py`), and drawn images lie where ImageNet and COCO are expected.
@Suite struct PaperStudyTests {
  private static let fixtures = URL(fileURLWithPath: Program.fixtures).deletingLastPathComponent()
    .appendingPathComponent("paper")
  private static let models = [
    "facebook/detr-resnet-50": "detr", "timm/vit_base_patch16_224.augreg2_in21k_ft_in1k": "vit",
    "timm/deit3_base_patch16_224.fb_in1k": "deit", "timm/swin_base_patch4_window7_224.ms_in22k_ft_in1k": "swin",
  ]

  private func hub() throws -> FakeHub {
    try FakeHub(
      Self.models.mapValues { name in
        let folder = Self.fixtures.appendingPathComponent(name)
        let files = try FileManager.default.contentsOfDirectory(atPath: folder.path)
        return try Dictionary(
          uniqueKeysWithValues: files.map { ($0, [UInt8](try Data(contentsOf: folder.appendingPathComponent($0)))) })
      })
  }

  /// Drawn images in the folders of ImageNet by class, and of COCO with its annotations.
  private func drawData(_ here: Workspace) throws {
    try here.drawImages(6, size: "48x48")
    for folder in ["coco/annotations", "imagenet/train", "imagenet/val"] { try here.makeFolder(folder) }
    for split in ["train2017", "val2017"] { try here.copy(here.path("scenes/images"), to: "coco/\(split)") }
    try here.copy(here.path("scenes/annotations.json"), to: "coco/annotations/instances_val2017.json")
    let images = try FileManager.default.contentsOfDirectory(atPath: here.path("scenes/images")).sorted()
    for (index, image) in images.enumerated() {
      for split in ["train", "val"] {
        try here.makeFolder("imagenet/\(split)/n0\(index / 3)")
        try here.copy(here.path("scenes/images/\(image)"), to: "imagenet/\(split)/n0\(index / 3)/\(image)")
      }
    }
  }

  @Test func theWholeGraphRuns() throws {
    let (here, hub) = (try Workspace(), try hub())
    try drawData(here)
    let printed = try here.run("run", "--example", "paper")
    #expect(printed.status == 0, "\(printed.error)")
    // One epoch in place of twenty is all that differs.
    #expect(printed.output.components(separatedBy: "epochs: 20\n").count == 6)
    try here.write(printed.output.replacingOccurrences(of: "epochs: 20\n", with: "epochs: 1\n"), to: "paper.yaml")
    let environment = [
      "-u", "HF_TOKEN", "-u", "HF_HUB_OFFLINE", "-u", "HF_HOME", "-u", "TRANSFORMERS_OFFLINE",
      "HF_ENDPOINT=\(hub.front.address)", "HF_HUB_CACHE=\(here.path("cache"))", "HOME=\(here.folder)", "no_proxy=*",
    ]
    let outcome = try here.run(
      environment + [Program.path.get(), "run", "paper.yaml", "--json", "--threads", "2"], program: "/usr/bin/env")
    #expect(outcome.status == 0, "\(outcome.error)")
    let steps = try #require(outcome.json?["steps"] as? [[String: Any]])
    #expect(steps.allSatisfy { $0["status"] as? String == "done" })
    let names = Set(steps.compactMap { $0["name"] as? String })
    for model in ["detr", "vit", "deit", "swin"] {
      for step in [
        "features/\(model)", "features/\(model)-colors", "features/\(model)-classes", "inverses/\(model)-modular",
        "inverses/\(model)-end-to-end", "reconstructions/\(model)-modular", "reconstructions/\(model)-end-to-end",
        "reconstructions/\(model)-recolored", "analyses/efficiency-\(model)",
      ] { #expect(names.contains(step), "\(step)") }
    }
    for analysis in ["similarity", "quality", "color", "shape", "detail", "prototypes"] {
      #expect(names.contains("analyses/\(analysis)"))
    }
    // Models came by their published names, inverses have the paper's architectures and learning rates, and the page is there.
    let plan = try here.text(of: "paper-results/inverses/swin-modular/plan.json")
    #expect(
      plan.contains("timm/swin_base_patch4_window7_224.ms_in22k_ft_in1k@\(FakeHub.commit)")
        && plan.contains("\"paper\""))
    #expect(here.exists("paper-results/report/index.html"))
    let page = try here.text(of: "paper-results/report/index.html")
    #expect(page.contains("Understanding transformer-based vision models through inversion"))
  }

  @Test func thereIsNoOtherExample() throws {
    let here = try Workspace()
    let outcome = try here.run("run", "--example", "papers")
    #expect(outcome.status == 2)
    #expect(
      outcome.error.contains(
        "there is no example 'papers'; --example alone prints a small one, --example paper the paper's study"))
  }
}
