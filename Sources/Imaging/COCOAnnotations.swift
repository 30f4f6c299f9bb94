import Formats
import Foundation

/// A COCO instances file: images, categories, and objects with their boxes and outlines.
///
/// What is odd in it and not needed is counted (``notes``), as pycocotools reads such files; what is needed for a mask is read
/// strictly when that mask is asked for.
public struct COCOAnnotations: Sendable {
  public struct Image: Sendable, Equatable {
    public let id: Int
    /// Path as the file gives it, `/` between its parts.
    public let fileName: String
    /// In pixels; 0 where the file does not say, and then no picture is compared with it.
    public let width: Int, height: Int
    /// What the picture's file holds, where the file of annotations has `sha256` of it; COCO's own have not.
    public let content: ContentIdentity?
  }

  public struct Category: Sendable, Equatable {
    public let id: Int
    /// Several categories may have one name; objects of all of them are of that class.
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
    /// Why the outline that the file gives cannot be read, with its place.
    let outlineProblem: String?
    /// Its position in the file's list.
    let position: Int
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
  /// What is odd in the file, in sentences that each count one kind of it and name the first place.
  public let notes: [String]
  private let imageByPath: PathIndex<Int>
  private let annotationsByImage: [Int: [Int]]
  private let names: [Int: String]

  /// Reads such a file.
  ///
  /// - Throws: `ImagingError` naming the file, the place such as `annotations[3]`, and what was expected there.
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
    var odd = COCOOddities()
    let categories = try (file.objects("categories") ?? []).map { fields in
      Category(
        id: try fields.required("id", fields.identifier("id")), name: try fields.required("name", fields.string("name"))
      )
    }
    let images = try file.required("images", file.objects("images")).compactMap { try Image($0, &odd) }
    var positions: [Int: Int] = [:]
    var index = PathIndex<Int>()
    for (position, image) in images.enumerated() {
      if let other = positions[image.id], images[other] == image {
        // The same entry again, as in files that were joined.
        odd.count("images that are listed twice, alike", at: "images[\(position)]")
        continue
      }
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
    var annotations: [Annotation] = []
    var byImage: [Int: [Int]] = [:]
    for (position, fields) in try file.required("annotations", file.objects("annotations")).enumerated() {
      guard let annotation = try Annotation(fields, at: position, &odd) else { continue }
      guard let imagePosition = positions[annotation.imageID] else {
        odd.count("annotations of images that are not in the file", at: fields.path("image_id"))
        continue
      }
      if !categoryIDs.contains(annotation.categoryID) {
        odd.count("annotations of categories that are not in the file", at: fields.path("category_id"))
      }
      byImage[imagePosition, default: []].append(annotations.count)
      annotations.append(annotation)
    }
    self.images = images
    self.categories = categories
    self.annotations = annotations
    notes = odd.sentences + COCOAnnotations.sharedNames(of: categories)
    names = Dictionary(categories.map { ($0.id, $0.name) }, uniquingKeysWith: { first, _ in first })
    imageByPath = index
    annotationsByImage = byImage
  }

  /// Sentences on categories of one name.
  private static func sharedNames(of categories: [Category]) -> [String] {
    let ids = Dictionary(grouping: categories, by: \.name).filter { $0.value.count > 1 }
    return ids.keys.sorted().map { name in
      let numbers = (ids[name] ?? []).map { "\($0.id)" }.joined(separator: ", ")
      return "categories \(numbers) are all called '\(name)' and are taken as one class"
    }
  }

  /// The image with this relative path, else the only one with this file name; nil where there is none.
  public func image(at relativePath: String) -> Image? { imageByPath[relativePath].map { images[$0] } }

  /// Which images of the file are those with these relative paths.
  public func matches(_ relativePaths: [String]) -> PathMatches { imageByPath.matches(relativePaths) }

  /// The objects in the image at a relative path, in the file's order.
  public func annotations(at relativePath: String) -> [Annotation] {
    (imageByPath[relativePath].flatMap { annotationsByImage[$0] } ?? []).map { annotations[$0] }
  }

  /// The name of an object's category; a substitute where the file does not name it.
  public func className(of annotation: Annotation) -> String {
    names[annotation.categoryID]
      ?? (annotation.categoryID == COCOAnnotations.noCategory ? "no category" : "category \(annotation.categoryID)")
  }

  /// The ids of all categories with a name, as pycocotools' `getCatIds` gives them.
  ///
  /// - Throws: `ImagingError` that names the closest there is.
  public func categoryIDs(named name: String) throws -> Set<Int> {
    let ids = Set(categories.filter { $0.name == name }.map(\.id))
    guard ids.isEmpty else { return ids }
    throw ImagingError(
      reason: "the annotations have no category '\(name)'"
        + Spelling.suggestion(for: name, among: categories.map(\.name)))
  }

  /// The pixels of all objects of an image together, or of those of one class. Crowds are no objects. Where an object has no
  /// outline but a box, the box's pixels. Empty where the file does not name the image or it has no such object.
  ///
  /// - Parameters:
  ///   - width: the picture's own width, checked against the file's; likewise `height`.
  ///   - name: that of one or more categories; nil for all objects.
  ///   - withCrowds: whether the pixels of crowds count too.
  /// - Throws: `ImagingError` where the file gives the image another size, has no such category, or an outline is malformed.
  public func mask(
    at relativePath: String, width: Int, height: Int, category name: String? = nil, withCrowds: Bool = false
  ) throws -> Mask {
    let wanted = try name.map { try categoryIDs(named: $0) }
    var union = Mask(width: width, height: height)
    guard let position = imageByPath[relativePath] else { return union }
    try requireSize(of: images[position], at: relativePath, width: width, height: height)
    for index in annotationsByImage[position] ?? []
    where (wanted.map({ $0.contains(annotations[index].categoryID) }) ?? true)
      && (withCrowds || !annotations[index].isCrowd)
    {
      do {
        try annotations[index].add(to: &union)
      } catch let error as ImagingError {
        throw ImagingError(path: relativePath, reason: error.reason)
      }
    }
    return union
  }

  /// Compares the size of a picture with that in the file.
  ///
  /// - Throws: `ImagingError` naming the picture.
  public func requireSize(of image: Image, at relativePath: String, width: Int, height: Int) throws {
    guard image.width > 0, image.width != width || image.height != height else { return }
    let isTurned = image.width == height && image.height == width
    throw ImagingError(
      path: relativePath,
      reason: "the picture is \(width)x\(height), its annotations are for \(image.width)x\(image.height)"
        + (isTurned
          ? ": they were made of the picture turned as its EXIF orientation says, which is not applied here; save it "
            + "turned (such as with ImageMagick's mogrify -auto-orient)" : ""))
  }
}
