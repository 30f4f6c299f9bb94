import Backbones
import Formats
import Foundation
import Imaging
import Inversion
import Synchronization
import Torch

/// Image files through the frozen model, as batches to train on.
final class ImageTrainingData: TrainingData {
  /// The pixels of the images of a batch that could be read, one after the other.
  private struct Pixels: Sendable {
    var bytes: [UInt8] = []
    var validSizes: [ImageSize] = []
  }

  /// Images that could not be read, each once.
  private final class Failures: Sendable {
    let texts = Mutex<[Int: String]>([:])
  }

  private let entries: [ImageFolder.Entry]
  private let input: ModelInput
  private let backbone: any Backbone
  private let taps: [Tap]
  private let device: Device
  private let prefetcher: Prefetcher<Pixels>
  private let failures: Failures

  /// - Throws: `BackboneError` where the model cannot take inputs of this size.
  init(entries: [ImageFolder.Entry], input: ModelInput, backbone: any Backbone, taps: [String], device: Device) throws {
    self.entries = entries
    self.input = input
    self.backbone = backbone
    self.taps = try backbone.taps(height: input.size.height, width: input.size.width)
      .filter { taps.contains($0.name) }
    self.device = device
    let failures = Failures()
    self.failures = failures
    prefetcher = Prefetcher { rows in
      var pixels = Pixels()
      for row in rows {
        do {
          let image = try input.preprocessing.apply(to: entries[row].image())
          pixels.bytes += input.bytes(image)
          pixels.validSizes.append(image.size)
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

  func name(of row: Int) -> String { "'\(entries[row].relativePath)'" }

  func batch(_ rows: [Int]) throws -> TrainingBatch? {
    let pixels = try prefetcher.take(rows)
    guard !pixels.validSizes.isEmpty else { return nil }
    let bytes = try Tensor(pixels.bytes, shape: [pixels.validSizes.count, input.size.height, input.size.width, 3])
    let images = try input.batch(bytes, validSizes: pixels.validSizes, device: device)
    let features = try withoutGradients {
      try input.features(of: bytes, validSizes: pixels.validSizes, by: backbone, taps: taps, device: device)
    }
    return TrainingBatch(images: images, features: features)
  }
}
