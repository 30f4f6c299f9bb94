import Activations
import Analysis
import Formats
import Foundation
import Imaging
import Synchronization

/// Annotated objects laid over the pixels that a store's model saw.
public enum TokenObjects {
  /// The masks of every image of a store, resized and cropped as its inputs were.
  ///
  /// - Throws: ``BadInput`` where the store does not say how its inputs were made of files, or the annotations are of other
  ///   images.
  public static func masks(
    of store: FeatureStore, condition: String, annotations: COCOAnnotations, file: String, threads: Int
  ) throws -> ObjectMasks {
    guard let recipe = StoreRecipe(store), !store.imageSizes.isEmpty else {
      throw BadInput(
        "\(store.path) does not say how the pixels of a file became the model's input, so objects cannot be laid over "
          + "its tokens; extract it with palimpsest, or use another --tokens")
    }
    guard let size = try store.inputSize(condition: condition) ?? recipe.preprocessing.inputSize else {
      throw BadInput(
        "\(store.path) has no inputs and its model no fixed size, so objects cannot be laid over its tokens; extract "
          + "it with palimpsest, or use another --tokens")
    }
    guard store.imagePaths.contains(where: { annotations.image(at: $0) != nil }) else {
      throw BadInput(
        "\(file) describes none of the images of \(store.path), such as '\(store.imagePaths.first ?? "")'; give the "
          + "annotations of the images that were extracted")
    }
    try annotations.requireImages(of: store, file: file)
    let packed = Mutex([[UInt64]](repeating: [], count: store.count))
    try inParallel(store.count, threads: threads) { [paths = store.imagePaths, sizes = store.imageSizes] row in
      guard sizes[row].height > 0, sizes[row].width > 0, annotations.image(at: paths[row]) != nil else { return }
      let mask = try annotations.mask(at: paths[row], width: sizes[row].width, height: sizes[row].height)
      do {
        let words = ObjectMasks.pack(try recipe.lay(mask, on: size).values)
        packed.withLock { $0[row] = words }
      } catch let error as ImagingError {
        throw ImagingError(path: paths[row], reason: error.reason)
      }
    }
    return ObjectMasks(height: size.height, width: size.width, packed: packed.withLock { $0 })
  }
}
