import Activations
import Formats
import Foundation
import Imaging
import Results

/// Images that were reconstructed from prototypes, as files.
enum PrototypePictures {
  /// Writes `TAP/CLASS.png` for every reconstruction of a store whose rows are classes, both as ``FileNames`` writes them.
  ///
  /// - Returns: how many.
  static func write(_ store: FeatureStore, to folder: URL) throws -> Int {
    guard let size = try store.reconstructionSize() else { return 0 }
    var count = 0
    let taps = try store.reconstructions(of: ConditionName.original.text)
    let names = FileNames.distinct(store.imagePaths)
    for (tap, tapName) in zip(taps, FileNames.distinct(taps)) {
      let tapFolder = folder.appendingPathComponent(tapName)
      try OutputPath.makeFolder(tapFolder.path)
      for (row, name) in names.enumerated() {
        let image = PixelImage(
          width: size.width, height: size.height, pixels: try store.readReconstruction(tap: tap, row: row))
        let url = tapFolder.appendingPathComponent("\(name).png")
        do {
          try Data(image.png()).write(to: url, options: .atomic)
        } catch {
          throw WorkFailed(
            "\(url.path): cannot be written (\(error.localizedDescription)); check space and permissions")
        }
        count += 1
      }
    }
    return count
  }
}
