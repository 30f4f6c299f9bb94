import Foundation

/// A model or a data set of the Hub by its name, as in `facebook/detr-resnet-50` or `timm/vit_base_patch16_224.augreg_in21k@main`.
public struct HubRepository: Sendable, Hashable, CustomStringConvertible {
  public enum Kind: String, Sendable { case model, dataset }

  public let kind: Kind
  /// `ORG/NAME`.
  public let name: String
  /// A branch, a tag or a commit; `main` where none is given.
  public let revision: String

  /// What the Hub calls the branch that is meant where none is named.
  public static let defaultRevision = "main"

  /// - Parameters:
  ///   - text: `ORG/NAME` or `ORG/NAME@REVISION`.
  ///   - kind: what it is.
  /// - Returns: nil where the text cannot be such a name by the Hub's rules.
  public init?(_ text: String, kind: Kind = .model) {
    let parts = text.split(separator: "@", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
    let revision = parts.count == 2 ? parts[1] : HubRepository.defaultRevision
    guard let name = parts.first, HubRepository.isName(name), HubRepository.isRevision(revision) else { return nil }
    self.init(kind: kind, name: name, revision: revision)
  }

  init(kind: Kind, name: String, revision: String) {
    self.kind = kind
    self.name = name
    self.revision = revision
  }

  /// What `--model` names, where it is a name of the Hub and not a path: nothing lies at the path, it has one slash, which does not end
  /// it, and it is not the name of a `.safetensors` file.
  public static func model(given text: String) -> HubRepository? {
    guard !FileManager.default.fileExists(atPath: text), !text.hasSuffix(".safetensors") else { return nil }
    return HubRepository(text)
  }

  /// With the commit in the revision's place, which is the same for ever.
  public func at(commit: String) -> HubRepository { HubRepository(kind: kind, name: name, revision: commit) }

  /// As it can be given again: the revision only where it is not `main`.
  public var description: String {
    revision == HubRepository.defaultRevision ? name : "\(name)@\(revision)"
  }

  /// Whether the revision is a commit and so names the same files for ever.
  var isPinned: Bool { HubRepository.isCommit(revision) }

  /// The folder's name in the cache.
  var folderName: String { "\(kind.rawValue)s--" + name.replacingOccurrences(of: "/", with: "--") }

  /// What stands before the name in the addresses of pages and files.
  var addressPrefix: String { kind == .dataset ? "datasets/" : "" }

  /// What messages call it.
  var title: String { kind == .dataset ? "data set" : "model" }

  /// 40 hexadecimal digits.
  static func isCommit(_ text: String) -> Bool {
    text.utf8.count == 40 && text.utf8.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }
  }

  private static let letters = Set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.".utf8)

  private static func isName(_ text: String) -> Bool {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false)
    return parts.count == 2
      && parts.allSatisfy { part in
        guard let first = part.utf8.first, let last = part.utf8.last, part.utf8.count <= 96 else { return false }
        return part.utf8.allSatisfy(letters.contains) && !"-.".utf8.contains(first) && !"-.".utf8.contains(last)
          && !part.contains("--") && !part.contains("..")
      } && !text.hasSuffix(".git")
  }

  private static func isRevision(_ text: String) -> Bool {
    !text.isEmpty && text.utf8.count <= 200 && isRelativePath(text)
      && text.unicodeScalars.allSatisfy { $0.value > 32 && !"?#%\\:~^*[".unicodeScalars.contains($0) }
  }

  /// Whether a path stays below the folder that it is relative to.
  static func isRelativePath(_ path: String) -> Bool {
    path.split(separator: "/", omittingEmptySubsequences: false).allSatisfy { part in
      !part.isEmpty && part != "." && part != ".." && part.utf8.count <= 255
        && part.unicodeScalars.allSatisfy { $0.value >= 32 && $0 != "\\" }
    }
  }
}
