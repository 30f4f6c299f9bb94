import Activations
import Analysis
import Formats
import Foundation
import Imaging
import Results

/// The objects of a store's images, brought to the pixels the model saw as the store's preprocessing says.
struct StoreObjects: Sendable {
  private let annotations: COCOAnnotations
  private let recipe: StoreRecipe?
  private let paths: [String]
  private let sizes: [ImageSize]
  private let input: ImageSize

  /// - Throws: ``BadInput`` where the annotations name none of the store's images, or nothing says how its pixels were made.
  init(_ annotations: COCOAnnotations, file: String, store: FeatureStore, recipe: StoreRecipe?) throws {
    self.annotations = annotations
    self.recipe = recipe
    paths = store.imagePaths
    sizes = store.imageSizes
    guard let size = try store.inputSize(condition: store.conditions.first ?? ConditionName.original.text) else {
      throw BadInput(
        "\(store.path) keeps no inputs to lay the objects of \(file) on; make it with palimpsest reconstruct")
    }
    input = size
    let known = paths.compactMap { annotations.image(at: $0) }
    guard !known.isEmpty else {
      throw BadInput(
        "--annotations \(file) names none of the images of \(store.path), the first is \(paths[0]);"
          + " give the annotations of the same folder of images")
    }
    try annotations.requireImages(of: store, file: file)
    if recipe == nil,
      let other = known.first(where: { $0.width > 0 && ($0.width != size.width || $0.height != size.height) })
    {
      throw BadInput(
        "\(store.path) does not say how its inputs of \(size) were made of images such as"
          + " \(other.fileName), \(other.width)x\(other.height); objects can only be laid on inputs of the images' own size"
      )
    }
  }

  /// Crowds in the store's images.
  var crowds: Int {
    paths.reduce(0) { $0 + annotations.annotations(at: $1).count(where: \.isCrowd) }
  }

  /// How many of the store's images the annotations do not name.
  var unknown: Int { paths.count { annotations.image(at: $0) == nil } }

  /// The objects of a row's image; nil where the annotations do not name it.
  func objects(row: Int) throws -> [ObjectMask]? {
    guard let image = annotations.image(at: paths[row]) else { return nil }
    var size = ImageSize(height: image.height, width: image.width)
    if sizes.indices.contains(row), sizes[row].height > 0 {
      size = sizes[row]
      try annotations.requireSize(of: image, at: paths[row], width: size.width, height: size.height)
    }
    guard size.width > 0 else {
      throw BadInput(
        "\(paths[row]): neither the store nor the annotations say how large the picture is; write width and height into the "
          + "annotations")
    }
    return try annotations.annotations(at: paths[row]).map { annotation in
      do {
        var mask = try annotation.mask(width: size.width, height: size.height)
        if let recipe { mask = try recipe.lay(mask, on: input) }
        return ObjectMask(
          category: annotations.className(of: annotation), isCrowd: annotation.isCrowd, pixels: mask.values)
      } catch let error as ImagingError {
        throw ImagingError(path: paths[row], reason: error.reason)
      }
    }
  }
}

extension PixelStore {
  /// A store with what it records of its inputs, and its objects where there are annotations.
  ///
  /// - Parameters:
  ///   - file: the annotations in messages.
  ///   - note: takes a sentence where annotations are missing of some images.
  /// - Throws: `BadInput` where the annotations are of other images, or nothing says how the inputs were made.
  public init(
    _ store: FeatureStore, name: String, annotations: COCOAnnotations?, file: String?, note: (String) -> Void
  ) throws {
    let recipe = StoreRecipe(store)
    var objects: StoreObjects?
    if let annotations, let file {
      let known = try StoreObjects(annotations, file: file, store: store, recipe: recipe)
      if known.unknown > 0 {
        note(
          "\(name): \(known.unknown) of \(store.count) images are not in the annotations: nothing is said of their objects"
        )
      }
      if known.crowds > 0 {
        note(
          "\(name): \(known.crowds) \(known.crowds == 1 ? "crowd is" : "crowds are") neither object nor background")
      }
      objects = known
    }
    self.init(
      name: name, store: store, validSize: recipe?.validSize,
      objects: objects.map { known in { @Sendable row in try known.objects(row: row) } })
  }
}
