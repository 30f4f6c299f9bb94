import Formats
import Foundation
import Imaging
import Inversion
import Torch

/// Validation images and their reconstructions, as one picture: an image a row; the input, then every cut from shallow
/// to deep, a column.
enum EvaluationSheet {
  private static let gap = 4

  /// Writes `evaluation/epoch-0005.png` into the folder of a training.
  static func write(_ evaluation: TrainingEvaluation, to folder: URL) throws {
    let shape = evaluation.inputs.shape
    let (count, height, width) = (shape[0], shape[1], shape[2])
    let columns =
      try [evaluation.inputs.values(as: UInt8.self)]
      + evaluation.reconstructions.map { try $0.pixels.values(as: UInt8.self) }
    let sheet = (
      width: columns.count * (width + gap) - gap, height: count * (height + gap) - gap
    )
    var pixels = [UInt8](repeating: 255, count: sheet.width * sheet.height * 3)
    for (column, bytes) in columns.enumerated() {
      for image in 0..<count {
        for row in 0..<height {
          let source = ((image * height + row) * width) * 3
          let target = ((image * (height + gap) + row) * sheet.width + column * (width + gap)) * 3
          pixels.replaceSubrange(target..<target + width * 3, with: bytes[source..<source + width * 3])
        }
      }
    }
    let name = "epoch-" + String(repeating: "0", count: max(0, 4 - "\(evaluation.epoch)".count)) + "\(evaluation.epoch)"
    let sheets = folder.appendingPathComponent("evaluation")
    let url = sheets.appendingPathComponent("\(name).png")
    try OutputPath.makeFolder(sheets.path)
    try AtomicFile.write(
      Data(PixelImage(width: sheet.width, height: sheet.height, pixels: pixels).png()), to: url.path)
  }
}
