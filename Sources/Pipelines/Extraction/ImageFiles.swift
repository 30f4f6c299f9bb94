import Formats
import Foundation
import Imaging

/// A folder of images, an index or an archive of them, and what is known of them.
public struct ImageFiles: Sendable {
  /// A folder of pictures, see `PictureFormat`; a CSV file that lists them, see `ImageIndex`; a tar or zip file, see `ImageArchive`.
  public var folder: String
  /// Which of its images.
  public var subset: Subset
  /// Where the classes of the images come from.
  public var labels: LabelSource?
  /// A file with names for the classes; see `ClassNameFile`.
  public var classNames: String?
  /// A COCO instances JSON: classes, boxes, masks; and labels, where each image has objects of one category.
  public var annotations: String?
  /// Images that are yet to be drawn into the folder; its files are not looked at then.
  public var expected: ExpectedImages?

  public init(
    _ folder: String, taking subset: Subset = .all, labels: LabelSource? = nil, classNames: String? = nil,
    annotations: String? = nil
  ) {
    self.folder = folder
    self.subset = subset
    self.labels = labels
    self.classNames = classNames
    self.annotations = annotations
  }

  /// The folder is looked at first, so that a wrong path is reported before a model is loaded.
  func requireFolder() throws {
    guard !folder.isEmpty else {
      throw BadInput("--images is empty; give \(ImageFiles.forms)")
    }
    guard expected == nil else { return }
    var isDirectory: ObjCBool = false
    guard FileManager.default.fileExists(atPath: folder, isDirectory: &isDirectory) else {
      throw BadInput("--images \(folder): no such folder; give \(ImageFiles.forms)")
    }
    guard isDirectory.boolValue || ImageFolder.isFile(folder) else {
      throw BadInput("--images \(folder) is a file; give \(ImageFiles.forms)")
    }
  }

  /// What can be given.
  static let forms =
    "a folder of pictures (\(PictureFormat.listed("or"))), a tar or zip of them, or a CSV file that lists them, which palimpsest index writes"

  /// The pictures of the folder, and what is left out of it.
  func listing() throws -> ImageFolder.Listing {
    guard let expected else { return try ImageFolder.listing(of: folder, taking: subset) }
    let all = expected.entries
    return ImageFolder.Listing(entries: subset.indices(of: all.map(\.relativePath)).map { all[$0] })
  }

  /// The model's input for these images.
  func input(_ preprocessing: Preprocessing, _ entries: [ImageFolder.Entry]) throws -> ModelInput {
    guard let expected, preprocessing.inputSize == nil else {
      return try ModelInput(preprocessing, holding: entries, name: folder)
    }
    return ModelInput(preprocessing, size: try preprocessing.outputSize(of: expected.size))
  }
}

extension ImageFiles {
  /// An input that is settled already, where every image fits into it.
  ///
  /// - Throws: ``BadInput`` where the recipe gives an image a larger size.
  func fitting(_ input: ModelInput, _ entries: [ImageFolder.Entry]) throws -> ModelInput {
    guard input.preprocessing.inputSize == nil else { return input }
    let needed = try ModelInput(input.preprocessing, holding: entries, name: folder).size
    guard needed.height <= input.size.height, needed.width <= input.size.width else {
      throw BadInput(
        "--images \(folder): the inputs of these images are up to \(needed), but the inverses were trained for "
          + "\(input.size) at most; leave out the larger images, or train with --size WxH")
    }
    return input
  }
}

/// Images of one size that will be there once they are drawn.
public struct ExpectedImages: Sendable {
  public let count: Int
  public let size: ImageSize

  public init(count: Int, size: ImageSize) {
    self.count = count
    self.size = size
  }

  var entries: [ImageFolder.Entry] {
    (0..<count).map { index in
      let digits = "\(index)"
      let name = String(repeating: "0", count: max(0, 6 - digits.count)) + digits + ".png"
      return ImageFolder.Entry(relativePath: name, folder: "")
    }
  }
}
