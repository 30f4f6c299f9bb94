import Foundation
import Imaging
import Pipelines
import Synchronization
import TestSupport

/// A folder with small drawn pictures of two classes, in which jobs are run; removed with the value.
final class JobWorkspace {
  private let temporary: TemporaryFolder
  var folder: URL { temporary.url }

  init() throws {
    temporary = try TemporaryFolder()
    try temporary.makeFolder("pictures")
  }

  var pictures: URL { folder.appendingPathComponent("pictures") }

  func path(_ name: String) -> String { folder.appendingPathComponent(name).path }

  func exists(_ name: String) -> Bool { FileManager.default.fileExists(atPath: path(name)) }

  /// Draws pictures of 64 × 64: even ones with a red disc, odd ones with a blue one, each elsewhere.
  func drawPictures(_ count: Int, width: Int = 64, height: Int = 64) throws {
    var labels = "path,label\n"
    for number in 0..<count {
      var bytes = [UInt8](repeating: 0, count: width * height * 3)
      for row in 0..<height {
        for column in 0..<width {
          let (x, y) = (column - 20 - 3 * number % 24, row - 32)
          let isDisc = x * x + y * y < 144
          let start = (row * width + column) * 3
          bytes[start] = isDisc && number % 2 == 0 ? 230 : UInt8(column * 2 % 120)
          bytes[start + 1] = UInt8(row * 2 % 120)
          bytes[start + 2] = isDisc && number % 2 == 1 ? 230 : 40
        }
      }
      let name = "\(number < 10 ? "0" : "")\(number).png"
      try Data(PixelImage(width: width, height: height, pixels: bytes).png()).write(
        to: pictures.appendingPathComponent(name))
      labels += "\(name),\(number % 2 == 0 ? "red" : "blue")\n"
    }
    try Data(labels.utf8).write(to: folder.appendingPathComponent("labels.csv"))
  }

  /// The pictures with their labels.
  var images: ImageFiles { ImageFiles(pictures.path, labels: .file(path("labels.csv"))) }

  /// A small ViT for 64 × 64 with random weights.
  static var model: ModelSource { ModelSource(checkpoint("timm-vit"), control: .randomWeights) }

  /// A folder of `Tests/Fixtures/checkpoints`.
  static func checkpoint(_ name: String) -> String {
    URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .appendingPathComponent("Fixtures/checkpoints/\(name)").path
  }

  /// An extraction of the pictures with that model.
  func extraction(to store: String) -> ExtractionJob {
    var job = ExtractionJob(model: JobWorkspace.model, images: images, out: path(store))
    job.seed = 5
    job.threads = 2
    return job
  }

  /// A training on the pictures with that model.
  func training(to inverse: String) -> TrainingJob {
    var job = TrainingJob(
      model: JobWorkspace.model, source: .images(pictures.path), out: path(inverse))
    job.seed = 5
    return job
  }
}

/// What a job reported.
final class Record: Sendable {
  private let lines = Mutex<(said: [String], notes: [String], progress: [JobProgress])>(([], [], []))
  private let limit: Int

  /// - Parameter limit: the job is asked to stop after so many reports of progress.
  init(stopAfter limit: Int = .max) { self.limit = limit }

  var said: [String] { lines.withLock { $0.said } }
  var notes: [String] { lines.withLock { $0.notes } }
  var progress: [JobProgress] { lines.withLock { $0.progress } }

  var reporter: JobReporter {
    JobReporter(
      note: { text in self.lines.withLock { $0.notes.append(text) } },
      progress: { progress in self.lines.withLock { $0.progress.append(progress) } },
      say: { text in self.lines.withLock { $0.said.append(text) } },
      isCancelled: { self.progress.count >= self.limit })
  }
}
