import Activations
import Foundation
import Imaging
import NeuralNet
import Pipelines
import Testing
import Torch

/// What an extraction says of files that nearly fit.
@Suite struct OtherFilesTests {
  let workspace: JobWorkspace

  init() throws {
    workspace = try JobWorkspace()
    try workspace.drawPictures(3)
  }

  private func extraction(labels text: String) throws -> ExtractionJob {
    try Data(text.utf8).write(to: URL(fileURLWithPath: workspace.path("labels.csv")))
    var job = workspace.extraction(to: "vit.h5")
    job.taps = "logits"
    return job
  }

  @Test func labelsThatFitFewImagesAreSaidAndThoseThatFitNoneRefused() throws {
    let none = try extraction(labels: "path,label\nx.png,1\ny.png,2\n")
    #expect(
      throws: BadInput(
        "--labels \(workspace.path("labels.csv")): none of its 2 rows is of an image in the folder, such as '00.png'; write the "
          + "images' paths from the folder of --images into the column path")
    ) { try none.run() }
    let few = try extraction(labels: "path,label\npictures\\01.png,1\ny.png,2\n")
    let summary = try few.run()
    let file = workspace.path("labels.csv")
    #expect(summary.notes.contains("\(file): 2 of 3 images have no label there, the first: 00.png"))
    #expect(summary.notes.contains("\(file): 1 entry there are of no image of the folder"))
    #expect(try FeatureStore(path: few.out).labels == [-1, 1, -1])
    #expect(try FeatureStore(path: few.out).attribute("notes")?.contains("2 of 3 images have no label") == true)
  }

  /// Numbers as `torchvision.datasets.ImageFolder` gives them: over all folders, sorted by name, whatever part of the images is taken.
  @Test func foldersAreClassesInTheOrderOfTorchvision() throws {
    for (number, folder) in ["n02", "n010", "n01"].enumerated() {
      try FileManager.default.createDirectory(
        at: workspace.pictures.appendingPathComponent("\(folder)/deeper"), withIntermediateDirectories: true)
      try FileManager.default.copyItem(
        at: workspace.pictures.appendingPathComponent("0\(number).png"),
        to: workspace.pictures.appendingPathComponent("\(folder)/deeper/x.png"))
    }
    var job = workspace.extraction(to: "vit.h5")
    job.taps = "logits"
    job.images = ImageFiles(workspace.pictures.path, labels: .folders)
    let summary = try job.run()
    let whole = try FeatureStore(path: job.out)
    #expect(whole.classes == ["n01", "n010", "n02"])
    #expect(whole.imagePaths.suffix(3) == ["n01/deeper/x.png", "n010/deeper/x.png", "n02/deeper/x.png"])
    #expect(whole.labels == [-1, -1, -1, 0, 1, 2])
    #expect(
      summary.notes.contains {
        $0.hasPrefix("--labels folder: 3 images of") && $0.hasSuffix("have no label, the first: 00.png")
      })

    try Data("n01 tench, Tinca tinca\nn02\t\"goldfish, Carassius\"\n".utf8).write(
      to: URL(fileURLWithPath: workspace.path("names.txt")))
    job.images = ImageFiles(
      workspace.pictures.path, taking: .first(4), labels: .folders, classNames: workspace.path("names.txt"))
    job.out = workspace.path("named.h5")
    #expect(
      try job.run().notes.contains(
        "\(workspace.path("names.txt")): 1 of 3 classes have no name there and keep their label, the first: n010"))
    let named = try FeatureStore(path: job.out)
    #expect(named.classes == ["tench", "n010", "goldfish"] && named.labels == [-1, -1, -1, 0])
  }

  @Test func foldersAndNamesThatFitNothingAreRefused() throws {
    var job = workspace.extraction(to: "vit.h5")
    job.images = ImageFiles(workspace.pictures.path, labels: .folders)
    #expect(throws: BadInput.self) { try job.run() }
    try Data(#"{"0": ["n01440764", "tench"], "1": ["n01443537", "goldfish"]}"#.utf8).write(
      to: URL(fileURLWithPath: workspace.path("names.json")))
    job.images = ImageFiles(
      workspace.pictures.path, labels: .file(workspace.path("labels.csv")), classNames: workspace.path("names.json"))
    let error = #expect(throws: BadInput.self) { try job.run() }
    #expect(error?.description.contains("it has a name for none of the 2 classes, such as 'blue'") == true)
  }

  /// `imagenet_class_index.json` of Keras, a mapping, and `LOC_synset_mapping.txt` of ImageNet on Kaggle.
  @Test(arguments: [
    #"{"0": ["n01440764", "tench"]}"#, #"{"n01440764": "tench, Tinca tinca"}"#, "n01440764 tench, Tinca tinca\n",
    "# comment\n\nn01440764,tench\r\n",
  ])
  func namesOfClassesAreReadInTheirUsualForms(text: String) throws {
    #expect(try ClassNameFile(parsing: Array(text.utf8))["n01440764"] == "tench")
  }

  private func annotations(_ categories: [[Int]]) throws -> String {
    let images = categories.indices.map { #"{"id": \#($0), "file_name": "0\#($0).png", "width": 64, "height": 64}"# }
    let objects = categories.enumerated().flatMap { image, here in
      here.map { #"{"image_id": \#(image), "category_id": \#($0), "bbox": [1, 1, 5, 5]}"# }
    }
    let text =
      #"{"images": [\#(images.joined(separator: ","))], "annotations": [\#(objects.joined(separator: ","))], "#
      + #""categories": [{"id": 7, "name": "dog"}, {"id": 3, "name": "cat"}]}"#
    try Data(text.utf8).write(to: URL(fileURLWithPath: workspace.path("annotations.json")))
    return workspace.path("annotations.json")
  }

  @Test func annotationsGiveLabelsWhereEachImageHasOneCategory() throws {
    var job = workspace.extraction(to: "vit.h5")
    job.taps = "logits"
    job.images.labels = nil
    job.images.annotations = try annotations([[7, 7], [3], []])
    _ = try job.run()
    let store = try FeatureStore(path: job.out)
    #expect(store.classes == ["cat", "dog"] && store.labels == [1, 0, -1])
    job.out = workspace.path("several.h5")
    job.images.annotations = try annotations([[7], [3, 7], [3]])
    let summary = try job.run()
    #expect(try FeatureStore(path: job.out).labels == [-1, -1, -1])
    #expect(summary.notes.contains { $0.contains("such as 01.png with cat, dog, so it gives no labels") })
  }

  @Test func numbersThatFloat16CannotHoldAreNamedByTap() throws {
    let source = URL(fileURLWithPath: JobWorkspace.checkpoint("timm-vit"))
    let folder = URL(fileURLWithPath: workspace.path("large"))
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    try FileManager.default.copyItem(
      at: source.appendingPathComponent("config.json"), to: folder.appendingPathComponent("config.json"))
    let checkpoint = try Checkpoint(at: source)
    try SafetensorsWriter.write(
      checkpoint.names.map { name in
        var tensor = try checkpoint.tensor(named: name)
        if name == "blocks.0.mlp.fc2.bias" {
          var values = try tensor.values(as: Float.self)
          values[3] = 2e5
          tensor = try Tensor(values, shape: tensor.shape)
        }
        return (name, tensor)
      }, to: folder.appendingPathComponent("model.safetensors"))
    var job = ExtractionJob(
      model: ModelSource(folder.path), images: ImageFiles(workspace.pictures.path), out: workspace.path("half.h5"))
    job.taps = "embed,block.0"
    job.storage.precision = .float16
    // One channel of each of the 17 tokens of three images.
    let notes = try job.run().notes
    #expect(
      notes.contains {
        $0.hasPrefix(
          "--dtype float16 holds numbers up to 65504, and larger ones were stored as infinities: 51 numbers (51 at block.0) in 3 "
            + "images; extract with --dtype float32")
      }, "\(notes)")
    job.out = workspace.path("whole.h5")
    job.storage.precision = .float32
    #expect(try !job.run().notes.contains { $0.contains("float16") })
  }

  /// transformers computes one image alone without padding; so an image's features do not depend on the folder.
  @Test func aDetectorAtNativeSizeComputesEachImageAtItsOwn() throws {
    let source = URL(fileURLWithPath: JobWorkspace.checkpoint("hf-detr"))
    let folder = URL(fileURLWithPath: workspace.path("detr"))
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    for name in ["config.json", "model.safetensors"] {
      try FileManager.default.copyItem(
        at: source.appendingPathComponent(name), to: folder.appendingPathComponent(name))
    }
    let recipe =
      #"{"image_processor_type": "DetrImageProcessor", "size": {"shortest_edge": 64, "longest_edge": 160}, "do_pad": true}"#
    try Data(recipe.utf8).write(to: folder.appendingPathComponent("preprocessor_config.json"))
    func extract(_ name: String) throws -> FeatureStore {
      var job = ExtractionJob(
        model: ModelSource(folder.path, size: .native), images: ImageFiles(workspace.pictures.path),
        out: workspace.path(name))
      job.taps = "backbone.layer4,encoder.0,logits"
      _ = try job.run()
      return try FeatureStore(path: job.out)
    }
    let alone = try extract("alone.h5")
    try workspace.drawPictures(1, width: 64, height: 64)
    // A tall one behind the others: the input of all becomes 128 high.
    let pixels = [UInt8](repeating: 90, count: 64 * 128 * 3)
    try Data(PixelImage(width: 64, height: 128, pixels: pixels).png()).write(
      to: workspace.pictures.appendingPathComponent("zz.png"))
    let together = try extract("together.h5")
    #expect(
      try alone.tap("backbone.layer4").grid?.shape == [2, 2] && together.tap("backbone.layer4").grid?.shape == [4, 2])
    for tap in ["backbone.layer4", "encoder.0", "logits"] {
      let own = try alone.readRows(tap: tap, rows: [0])
      let shared = try together.readRows(tap: tap, rows: [0])
      // The upper half of the grid; below it nothing.
      #expect(zip(own, shared).allSatisfy { abs($0 - $1) <= 1e-5 * max(1, abs($0)) }, "\(tap)")
      #expect(shared.dropFirst(own.count).allSatisfy { $0 == 0 }, "\(tap)")
    }
  }

  @Test func picturesOfTheInputSizeAndThoseThatAreTurnedAreCounted() throws {
    var job = workspace.extraction(to: "vit.h5")
    job.taps = "logits"
    let notes = try job.run().notes
    let native = try JobWorkspace.model.preprocessing(of: JobWorkspace.model.load(device: .cpu, seed: 0))
    let passes = native.passes(.init(height: 64, width: 64))
    #expect(notes.contains { $0.hasPrefix("3 images had the input size already") } == passes)
    #expect(try FeatureStore(path: job.out).attribute("at_input_size") == "as they are")
    job.out = workspace.path("exact.h5")
    job.model.profile = .exact
    #expect(try !job.run().notes.contains { $0.contains("had the input size") })
    #expect(try FeatureStore(path: job.out).attribute("at_input_size") == "by the recipe")
  }
}
