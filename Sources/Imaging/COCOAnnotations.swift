import Formats
import Foundation

/// A COCO instances file: images, categories, and objects with their boxes and outlines.
public struct COCOAnnotations: Sendable {
  public struct Image: Sendable, Equatable {
    public let id: Int
    /// Path as the file gives it, `/` between its parts.
    public let fileName: String
    public let width: Int, height: Int
  }

  public struct Category: Sendable, Equatable {
    public let id: Int
    public let name: String
  }

  /// One object in an image.
  public struct Annotation: Sendable, Equatable {
    public let id: Int
    public let imageID: Int
    public let categoryID: Int
    /// Left, top, width and height in pixels of the file; nil where not given.
    public let box: [Double]?
    /// As the file gives it, in pixels; nil where not given.
    public let area: Double?
    public let isCrowd: Bool
    /// nil where the object has a box only.
    public let outline: Outline?
  }

  /// How the pixels of an object are given.
  public enum Outline: Sendable, Equatable {
    /// Polygons whose union is the object: x and y by turns, in pixels.
    case polygons([[Double]])
    /// Lengths of runs outside and inside by turns, column by column.
    case runs(width: Int, height: Int, [Int])
    /// The same in COCO's compressed text.
    case compressed(width: Int, height: Int, String)
  }

  public let images: [Image]
  public let categories: [Category]
  public let annotations: [Annotation]
  private let imageByPath: PathIndex<Int>
  private let annotationsByImage: [Int: [Int]]

  /// Reads such a file.
  ///
  /// - Throws: `ImagingError` naming the file, the place such as `annotations[3].bbox`, and what was expected there.
  public init(contentsOf url: URL) throws {
    do {
      try self.init(parsing: FileBytes.read(url.path))
    } catch let error as ImagingError {
      throw ImagingError(path: url.path, reason: error.reason)
    }
  }

  /// Reads the bytes of such a file; see `init(contentsOf:)`.
  public init(parsing bytes: [UInt8]) throws {
    let file = try JSONObject(configuration: bytes)
    let categories = try (file.objects("categories") ?? []).map { fields in
      Category(
        id: try fields.required("id", fields.integer("id")), name: try fields.required("name", fields.string("name")))
    }
    let images = try file.required("images", file.objects("images")).map(Image.init)
    let annotations = try file.required("annotations", file.objects("annotations")).map(Annotation.init)
    self.images = images
    self.categories = categories
    self.annotations = annotations

    var positions: [Int: Int] = [:]
    var index = PathIndex<Int>()
    for (position, image) in images.enumerated() {
      guard positions.updateValue(position, forKey: image.id) == nil else {
        throw ImagingError(reason: "images[\(position)].id: \(image.id) is used twice")
      }
      guard index.insert(position, at: image.fileName) == nil else {
        throw ImagingError(reason: "images[\(position)].file_name: \(image.fileName) is used twice")
      }
    }
    let categoryIDs = Set(categories.map(\.id))
    guard categoryIDs.count == categories.count else {
      throw ImagingError(reason: "categories: an id is used twice")
    }
    var byImage: [Int: [Int]] = [:]
    for (position, annotation) in annotations.enumerated() {
      guard let imagePosition = positions[annotation.imageID] else {
        throw ImagingError(reason: "annotations[\(position)].image_id: no image has the id \(annotation.imageID)")
      }
      guard categoryIDs.contains(annotation.categoryID) else {
        throw ImagingError(
          reason: "annotations[\(position)].category_id: no category has the id \(annotation.categoryID)")
      }
      byImage[imagePosition, default: []].append(position)
    }
    imageByPath = index
    annotationsByImage = byImage
  }

  /// The image with this relative path, else the only one with this file name; nil where there is none.
  public func image(at relativePath: String) -> Image? { imageByPath[relativePath].map { images[$0] } }

  /// The objects in the image at a relative path, in the file's order.
  public func annotations(at relativePath: String) -> [Annotation] {
    (imageByPath[relativePath].flatMap { annotationsByImage[$0] } ?? []).map { annotations[$0] }
  }

  /// The category with a name.
  ///
  /// - Throws: `ImagingError` that names the closest there is.
  public func category(named name: String) throws -> Category {
    if let category = categories.first(where: { $0.name == name }) { return category }
    throw ImagingError(
      reason: "the annotations have no category '\(name)'"
        + Spelling.suggestion(for: name, among: categories.map(\.name)))
  }

  /// The pixels of all objects of an image together, or of those of one category. Crowds are no objects. Where an object has no
  /// outline but a box, the box's pixels. Empty where the file does not name the image or it has no such object.
  ///
  /// - Parameters:
  ///   - width: the picture's own width, checked against the file's; likewise `height`.
  ///   - category: the name of a category; nil for all objects.
  ///   - withCrowds: whether the pixels of crowds count too.
  /// - Throws: `ImagingError` where the file gives the image another size, has no such category, or an outline is malformed.
  public func mask(
    at relativePath: String, width: Int, height: Int, category name: String? = nil, withCrowds: Bool = false
  )
    throws -> Mask
  {
    let category = try name.map { try self.category(named: $0) }
    var union = Mask(width: width, height: height)
    guard let position = imageByPath[relativePath] else { return union }
    guard images[position].width == width, images[position].height == height else {
      throw ImagingError(
        path: relativePath,
        reason: "the picture is \(width)x\(height), its annotations are for "
          + "\(images[position].width)x\(images[position].height)")
    }
    for index in annotationsByImage[position] ?? []
    where (category.map({ $0.id == annotations[index].categoryID }) ?? true)
      && (withCrowds || !annotations[index].isCrowd)
    {
      do {
        try union.formUnion(annotations[index].mask(width: width, height: height))
      } catch let error as ImagingError {
        throw ImagingError(path: relativePath, reason: "annotations[\(index)].segmentation: \(error.reason)")
      }
    }
    return union
  }
}
