/// Where the classes of images come from.
public enum LabelSource: Sendable, Equatable {
  /// The first folder of an image's path is its class, as in ImageNet's folders and torchvision's `ImageFolder`. Classes are
  /// in the order of the UTF-8 bytes of their names, over all pictures of the folder, so that their numbers are torchvision's.
  case folders
  /// A CSV file, see ``Labels``.
  case file(String)

  private static let folderWord = "folder"

  /// What a user writes: `folder`, or the path of a file (`./folder` for a file of that name).
  public init(_ text: String) { self = text == LabelSource.folderWord ? .folders : .file(text) }

  /// As a user writes it.
  public var text: String {
    switch self {
    case .folders: LabelSource.folderWord
    case .file(let path): path
    }
  }

  /// The path of the file; nil without one.
  public var file: String? { if case .file(let path) = self { path } else { nil } }

  /// The class of an image by its folder; nil for one that lies in none.
  public static func folder(of relativePath: String) -> String? {
    relativePath.firstIndex(of: "/").map { String(relativePath[..<$0]) }
  }
}
