import Formats
import Foundation
import Imaging

/// A folder of images and what is known of them.
public struct ImageFiles: Sendable {
  /// A folder of pictures, see `PictureFormat`.
  public var folder: String
  /// Only the first so many images.
  public var limit: Int?
  /// A CSV with the columns path,label; see `Labels`.
  public var labels: String?
  /// A COCO instances JSON: classes, boxes, masks; and labels, where each image has objects of one category.
  public var annotations: String?
  /// Images that are yet to be drawn into the folder; its files are not looked at then.
  public var expected: ExpectedImages?

  public init(_ folder: String, limit: Int? = nil, labels: String? = nil, annotations: String? = nil) {
    self.folder = folder
    self.limit = limit
    self.labels = labels
    self.annotations = annotations
  }

  /// The folder is looked at first, so that a wrong path is reported before a model is loaded.
  func requireFolder() throws {
    guard !folder.isEmpty else {
      throw BadInput("--images is empty; give a folder of pictures (\(PictureFormat.listed("or")))")
    }
    guard expected == nil else { return }
    var isDirectory: ObjCBool = false
    guard FileManager.default.fileExists(atPath: folder, isDirectory: &isDirectory) else {
      throw BadInput("--images \(folder): no such folder; give a folder of pictures (\(PictureFormat.listed("or")))")
    }
    guard isDirectory.boolValue else {
      throw BadInput("--images \(folder) is a file; give a folder of pictures (\(PictureFormat.listed("or")))")
    }
  }

  /// The pictures of the folder, and what is left out of it.
  func listing() throws -> ImageFolder.Listing {
    if let expected { return ImageFolder.Listing(entries: expected.entries(limit)) }
    return try ImageFolder.listing(URL(fileURLWithPath: folder), limit: limit)
  }

  /// The model's input for these images.
  func input(_ preprocessing: Preprocessing, _ entries: [ImageFolder.Entry]) throws -> ModelInput {
    guard let expected, preprocessing.inputSize == nil else {
      return try ModelInput(preprocessing, holding: entries, name: folder)
    }
    return ModelInput(preprocessing, size: try preprocessing.outputSize(of: expected.size))
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

  func entries(_ limit: Int?) -> [ImageFolder.Entry] {
    (0..<min(count, limit ?? count)).map { index in
      let digits = "\(index)"
      let name = String(repeating: "0", count: max(0, 6 - digits.count)) + digits + ".png"
      return ImageFolder.Entry(relativePath: name, url: URL(fileURLWithPath: name))
    }
  }
}
