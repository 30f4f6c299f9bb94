import Backbones
import Foundation
import Imaging
import Inversion
import Synchronization
import Torch

/// Image files through the frozen model, as batches to train on.
final class TrainingImages: TrainingData {
  /// The pixels of the images of a batch that could be read, one after the other.
  private struct Pixels: Sendable {
    var bytes: [UInt8] = []
    var validSizes: [(height: Int, width: Int)] = []
  }

  private let entries: [ImageFolder.Entry]
  private let size: (height: Int, width: Int)
  private let preprocessing: Preprocessing
  private let backbone: any Backbone
  private let taps: Set<String>
  private let device: Device
  private let prefetcher: Prefetcher<Pixels>
  private let failures: Failures

  /// Images that could not be read, each once.
  private final class Failures: Sendable {
    let texts = Mutex<[Int: String]>([:])
  }

  init(
    entries: [ImageFolder.Entry], preprocessing: Preprocessing, size: (height: Int, width: Int),
    backbone: any Backbone, taps: [String], device: Device
  ) {
    self.entries = entries
    self.preprocessing = preprocessing
    self.size = size
    self.backbone = backbone
    self.taps = Set(taps)
    self.device = device
    let failures = Failures()
    self.failures = failures
    prefetcher = Prefetcher { rows in
      var pixels = Pixels()
      for row in rows {
        do {
          let image = try preprocessing.apply(to: PixelImage(contentsOf: entries[row].url))
          pixels.bytes +=
            image.placed(
              left: 0, top: 0, width: size.width, height: size.height, fill: [0, 0, 0]
            ).pixels
          pixels.validSizes.append((image.height, image.width))
        } catch {
          failures.texts.withLock { $0[row] = "\(error)" }
        }
      }
      return pixels
    }
  }

  var count: Int { entries.count }

  /// Why images could not be read, in the order of the images.
  var unreadable: [String] { failures.texts.withLock { texts in texts.keys.sorted().compactMap { texts[$0] } } }

  func announce(_ rows: [Int]) { prefetcher.announce(rows) }

  func batch(_ rows: [Int]) throws -> TrainingBatch? {
    let pixels = try prefetcher.take(rows)
    guard !pixels.validSizes.isEmpty else { return nil }
    let bytes = try Tensor(pixels.bytes, shape: [pixels.validSizes.count, size.height, size.width, 3])
    let isPadded = pixels.validSizes.contains { $0 != size }
    let images = try ImageBatch(
      bytes: bytes.to(device), rescaleFactor: preprocessing.rescaleFactor, mean: preprocessing.mean,
      deviation: preprocessing.std, validSizes: isPadded ? pixels.validSizes : nil)
    return TrainingBatch(images: images, features: try backbone.features(of: images, taps: taps))
  }
}
