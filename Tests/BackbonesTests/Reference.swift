import Backbones
import Formats
import Foundation
import HDF5
import Imaging
import Torch

/// A small checkpoint of `Tests/Fixtures/checkpoints` with what its own library computes from it.
struct Reference {
  let name: String
  let folder: URL

  static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .appendingPathComponent("Fixtures/checkpoints")

  /// The names of the cases of `families`, in the order of `cases.json`.
  static func names(of families: Family...) throws -> [String] {
    let data = try Data(contentsOf: folder.appendingPathComponent("cases.json"))
    let cases = try JSONSerialization.jsonObject(with: data) as? [[String: Any]] ?? []
    let wanted = families.map(\.rawValue)
    return cases.compactMap { fields in
      wanted.contains(fields["family"] as? String ?? "") ? fields["name"] as? String : nil
    }
  }

  /// - Parameter folder: where the case lies; the common fixtures where nil.
  init(_ name: String, in folder: URL? = nil) {
    self.name = name
    self.folder = (folder ?? Reference.folder).appendingPathComponent(name)
  }

  func model() throws -> LoadedModel { try ModelRegistry.load(at: folder) }

  private var values: HDF5File {
    get throws { try HDF5File.open(folder.appendingPathComponent("reference.h5").path) }
  }

  /// The taps of the reference, and of each its values [N, T, C] and its attributes.
  func features() throws -> [String: (value: Tensor, grid: ImageSize?, prefixTokens: Int)] {
    let file = try values
    var features: [String: (value: Tensor, grid: ImageSize?, prefixTokens: Int)] = [:]
    for child in try file.children(of: "features/original") {
      let path = "features/original/\(child.name)"
      let dataset = try file.dataset(path)
      let grid = try file.attribute("grid", of: path)?.integers ?? []
      features[child.name] = (
        try Tensor(dataset.read(Float.self), shape: dataset.shape),
        grid.isEmpty ? nil : ImageSize(height: grid[0], width: grid[1]),
        try file.attribute("prefix_tokens", of: path)?.integers?.first ?? 0
      )
    }
    return features
  }

  /// The images as the reference saw them: `/inputs/original` where the case has it, else the PNG files; normalised; with
  /// the valid sizes of a padded batch, whose padding is zero after normalisation.
  func images() throws -> ImageBatch {
    let (mean, deviation) = try normalization()
    let file = try values
    if try file.entry(at: "inputs/pixel_mask") == nil {
      return try ImageBatch(bytes: decoded(), rescaleFactor: 1 / 255, mean: mean, deviation: deviation)
    }
    let pixels = try file.dataset("inputs/original")
    let bytes = try Tensor(pixels.read(UInt8.self), shape: pixels.shape)
    let maskData = try file.dataset("inputs/pixel_mask")
    let mask = try Tensor(maskData.read(UInt8.self), shape: maskData.shape).to(.float32)
    let normalized = try ImageBatch(bytes: bytes, rescaleFactor: 1 / 255, mean: mean, deviation: deviation)
    let sizes = try (0..<bytes.extent(0)).map { image in
      let valid = try mask.select(0, image)
      return try ImageSize(height: Int(valid.select(1, 0).sum().item()), width: Int(valid.select(0, 0).sum().item()))
    }
    return try ImageBatch(pixels: normalized.pixels * mask.unsqueezed(1), validSizes: sizes)
  }

  /// `images/*.png` in the order of their names, [N, H, W, 3] uint8.
  private func decoded() throws -> Tensor {
    let images = folder.appendingPathComponent("images")
    let names = try FileManager.default.contentsOfDirectory(atPath: images.path).filter { $0.hasSuffix(".png") }
    return try Tensor.stack(
      names.sorted().map { name in
        let image = try PixelImage(contentsOf: images.appendingPathComponent(name))
        return try Tensor(image.pixels, shape: [image.height, image.width, 3])
      })
  }

  /// Mean and standard deviation from the preprocessor's configuration, or from timm's.
  private func normalization() throws -> (mean: [Double], deviation: [Double]) {
    func object(_ file: String) throws -> [String: Any]? {
      guard let data = try? Data(contentsOf: folder.appendingPathComponent(file)) else { return nil }
      return try JSONSerialization.jsonObject(with: data) as? [String: Any]
    }
    if let preprocessor = try object("preprocessor_config.json"),
      let mean = preprocessor["image_mean"] as? [Double], let deviation = preprocessor["image_std"] as? [Double]
    {
      return (mean, deviation)
    }
    let pretrained = try object("config.json")?["pretrained_cfg"] as? [String: Any]
    guard let mean = pretrained?["mean"] as? [Double], let deviation = pretrained?["std"] as? [Double] else {
      throw BackboneError("\(folder.path): the case says nowhere how its images are normalised")
    }
    return (mean, deviation)
  }
}
