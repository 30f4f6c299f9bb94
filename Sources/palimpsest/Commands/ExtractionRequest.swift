import Activations
import Backbones
import Foundation
import Imaging
import Torch

/// What the user asked `extract` for.
struct ExtractionRequest {
  let model: ModelOptions
  let images: ImageOptions
  let store: StoreOptions
  let device: Device
  let out: String
  let command: [String]
  /// Images that are yet to be drawn into the folder, whose files cannot be asked.
  var expected: ExpectedImages?

  /// Checks every option, cheap ones first, loads the model and lists the images.
  func settle() throws -> ExtractionSetup {
    try OutputPath.requireFile(out)
    return try settleInputs()
  }

  /// As ``settle()``, whatever is at the place of the store.
  ///
  /// - Parameter known: the model, where it is loaded already.
  func settleInputs(_ known: LoadedModel? = nil) throws -> ExtractionSetup {
    guard !model.model.isEmpty else { throw BadInput("--model is empty; give a folder or a .safetensors file") }
    guard !images.images.isEmpty else { throw BadInput("--images is empty; give a folder of JPEG and PNG files") }
    if expected == nil { try requireImages() }
    let precision = try store.precision
    let tokens = try store.tokenSelection
    let compression = try store.storeCompression
    let conditions = try store.colorConditions
    if store.region == nil, let masked = conditions.first(where: \.needsMask) {
      throw BadInput(
        "--conditions \(masked.name) acts on objects alone, so it needs masks; give --region objects with a COCO instances"
          + " JSON as --annotations")
    }
    var regions: Regions?
    var labels: Labels?
    if expected == nil {
      regions = try region(images.annotations.map { try COCOAnnotations(contentsOf: URL(fileURLWithPath: $0)) })
      labels = try images.labels.map { try Labels(contentsOf: URL(fileURLWithPath: $0)) }
    }
    let entries =
      try expected?.entries(images.limit)
      ?? ImageFolder.list(URL(fileURLWithPath: images.images), limit: images.limit)

    let loaded = try known ?? model.load(device: device, seed: store.seed)
    let preprocessing = try model.preprocessing(of: loaded)
    let size = try inputSize(preprocessing, entries)
    let available = try loaded.backbone.taps(height: size.height, width: size.width)
    let taps = try TapSelection.select(store.taps, from: available, components: loaded.backbone.components)
      .filter { tokens.reduce($0) != nil }
    guard !taps.isEmpty else {
      throw BadInput("--tokens prefix: none of the taps has class or distillation tokens; use all or mean")
    }
    let header = StoreHeader(
      model: loaded.name, family: loaded.backbone.family.rawValue, checkpointSHA256: loaded.checkpointSHA256,
      configuration: loaded.configurationText, preprocessing: try ModelOptions.text(of: preprocessing),
      createdBy: Version.text, createdAt: Host.timestamp, seed: store.seed,
      settings: [
        StoreSetting("tokens", tokens.rawValue), StoreSetting("control", model.control ?? "none"),
        StoreSetting("region", store.region ?? "image"), StoreSetting("device", device.kind.rawValue),
      ])
    let plan = StorePlan(
      header: header,
      images: entries.map { StoreImage(path: $0.relativePath, label: labels?.label(of: $0.relativePath) ?? -1) },
      classes: labels?.classes ?? [], conditions: conditions.map(\.name),
      taps: taps.compactMap(tokens.reduce).map {
        StoreTap(
          name: $0.name, tokens: $0.tokens, channels: $0.channels, grid: $0.grid, prefixTokens: $0.prefixTokens)
      }, precision: precision, compression: compression, inputSize: [size.height, size.width],
      blockSize: store.batchSize)
    return ExtractionSetup(
      model: loaded, preprocessing: preprocessing, inputSize: size, entries: entries, conditions: conditions,
      taps: taps,
      tokens: tokens, regions: regions, plan: plan, device: device)
  }

  /// The folder is looked at first, so that a wrong path is told before a model is loaded.
  private func requireImages() throws {
    var isDirectory: ObjCBool = false
    guard FileManager.default.fileExists(atPath: images.images, isDirectory: &isDirectory) else {
      throw BadInput("--images \(images.images): no such folder; give a folder of JPEG and PNG files")
    }
    guard isDirectory.boolValue else {
      throw BadInput("--images \(images.images) is a file; give a folder of JPEG and PNG files")
    }
  }

  private func region(_ annotations: COCOAnnotations?) throws -> Regions? {
    guard let region = store.region else { return nil }
    guard store.conditions != nil else {
      throw BadInput(
        "--region \(region) restricts colour conditions, but there is none; give --conditions, such as red")
    }
    guard let annotations else {
      throw BadInput("--region \(region) needs masks; give a COCO instances JSON with --annotations")
    }
    return try Regions(region, annotations: annotations)
  }

  /// The size of the model's input: the recipe's, or where it depends on the image (DETR's native rule) the smallest that
  /// holds every image after it, to which all are padded.
  private func inputSize(_ preprocessing: Preprocessing, _ entries: [ImageFolder.Entry]) throws -> (
    height: Int, width: Int
  ) {
    if let size = preprocessing.inputSize { return (size.height, size.width) }
    if let expected {
      let size = try preprocessing.outputSize(width: expected.width, height: expected.height)
      return (size.height, size.width)
    }
    var height = 0
    var width = 0
    for entry in entries {
      guard let file = try? PixelImage.size(of: entry.url),
        let size = try? preprocessing.outputSize(width: file.width, height: file.height)
      else { continue }
      height = max(height, size.height)
      width = max(width, size.width)
    }
    guard height > 0 else { throw BadInput("\(images.images): none of the images can be read") }
    return (height, width)
  }
}

/// Images of one size that will be there once they are drawn.
struct ExpectedImages {
  let count: Int
  let width: Int
  let height: Int

  func entries(_ limit: Int?) -> [ImageFolder.Entry] {
    (0..<min(count, limit ?? count)).map { index in
      let digits = "\(index)"
      let name = String(repeating: "0", count: max(0, 6 - digits.count)) + digits + ".png"
      return ImageFolder.Entry(relativePath: name, url: URL(fileURLWithPath: name))
    }
  }
}
