import Activations
import Formats
import Imaging

extension COCOAnnotations {
  static let repairOfContents = "give the annotations of these images, or leave out the key sha256"

  /// Checks that the annotations are of a store's images and not of others with the same names, as far as both say what the
  /// pictures' files hold.
  ///
  /// - Throws: ``BadInput`` that names the first image that is another.
  func requireImages(of store: FeatureStore, file: String) throws {
    for (path, content) in zip(store.imagePaths, store.imageContents) {
      guard let content, let own = image(at: path)?.content, own != content else { continue }
      throw BadInput(
        "the images of \(store.path) are not those of the annotations \(file), though they have the same names (first: "
          + "\(path)); \(COCOAnnotations.repairOfContents)")
    }
  }
}
