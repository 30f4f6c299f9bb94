import Activations
import Formats
import Foundation
import Imaging

/// How the inputs of a store were made, as it records it.
public struct StoreRecipe: Sendable {
  public let preprocessing: Preprocessing
  private let fileSizes: [ImageSize]

  /// nil where the store does not say, or says it in other words than Palimpsest's.
  public init?(_ store: FeatureStore) {
    guard let recipe = store.attribute("preprocessing").flatMap(Preprocessing.init(recorded:)) else { return nil }
    self.init(recipe, of: store)
  }

  /// As the inputs of a store were made by a recipe that is known otherwise.
  init(_ preprocessing: Preprocessing, of store: FeatureStore) {
    self.preprocessing = preprocessing
    fileSizes = store.imageSizes
  }

  /// A mask of a whole file laid on the model's input as the picture was, its upper left corner at the input's.
  ///
  /// - Throws: `ImagingError` where it comes to more pixels than the input has.
  func lay(_ mask: Mask, on input: ImageSize) throws -> Mask {
    let seen = try preprocessing.apply(to: mask)
    guard seen.width <= input.width, seen.height <= input.height else {
      throw ImagingError(
        reason: "its mask comes to \(seen.width)x\(seen.height), beyond the input of \(input.width)x\(input.height);"
          + " extract the images with this preprocessing again")
    }
    return seen.placed(left: 0, top: 0, width: input.width, height: input.height)
  }

  /// Height and width of the picture in a row's input; nil where all of every input is picture.
  public var validSize: (@Sendable (Int) -> ImageSize?)? {
    guard preprocessing.inputSize == nil, !fileSizes.isEmpty else { return nil }
    return { [preprocessing, fileSizes] row in
      let file = fileSizes[row]
      guard file.height > 0, file.width > 0 else { return nil }
      return try? preprocessing.outputSize(of: file)
    }
  }

  /// Height and width of the picture in the inputs of these rows; nil where nothing of them is padded.
  ///
  /// - Parameter input: height and width of the inputs.
  public func validSizes(of rows: [Int], in input: ImageSize) -> [ImageSize]? {
    guard let validSize else { return nil }
    return ModelInput(preprocessing, size: input).padded(rows.map { validSize($0) ?? input })
  }
}
