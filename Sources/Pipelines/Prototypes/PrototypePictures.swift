import Activations
import Formats
import Foundation
import Imaging

/// Images that were reconstructed from prototypes, as files.
enum PrototypePictures {
  /// Writes `TAP/CLASS.png` for every reconstruction of a store whose rows are classes.
  ///
  /// - Returns: how many.
  static func write(_ store: FeatureStore, to folder: URL) throws -> Int {
    guard let size = try store.reconstructionSize() else { return 0 }
    var count = 0
    for tap in try store.reconstructions(of: "original") {
      let tapFolder = folder.appendingPathComponent(tap)
      try OutputPath.makeFolder(tapFolder.path)
      for (row, name) in store.imagePaths.enumerated() {
        let image = PixelImage(
          width: size.width, height: size.height, pixels: try store.readReconstruction(tap: tap, row: row))
        let url = tapFolder.appendingPathComponent("\(name.replacing("/", with: "-")).png")
        try AtomicFile.write(Data(image.png()), to: url.path)
        count += 1
      }
    }
    return count
  }
}
