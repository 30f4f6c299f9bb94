import Formats
import Foundation

/// What the Hub says of a file before it is fetched.
struct FileMetadata: Equatable {
  let commit: String
  /// The name of its blob: the SHA-256 of a large file, the number that git gives a small one.
  let etag: String
  /// Bytes; nil where the Hub does not say.
  let size: Int?

  /// SHA-256 in hexadecimal, where the ETag is one.
  var sha256: String? { ContentIdentity(etag) == nil ? nil : etag.lowercased() }

  /// git's SHA-1 of the blob, where the ETag is one.
  var gitBlob: String? { HubRepository.isCommit(etag) ? etag : nil }

  /// nil where these are no commit and no name of a file.
  init?(commit: String, etag: String, size: Int?) {
    let letters = CharacterSet(charactersIn: "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.")
    guard HubRepository.isCommit(commit), !etag.isEmpty, etag.utf8.count <= 200, etag.first != ".",
      etag.unicodeScalars.allSatisfy(letters.contains)
    else { return nil }
    self.commit = commit
    self.etag = etag
    self.size = size.flatMap { $0 >= 0 ? $0 : nil }
  }

  /// Of the answer to HEAD; nil where that does not say it as the Hub does.
  init?(_ response: HTTPResponse) {
    guard let commit = response["x-repo-commit"], var etag = response["x-linked-etag"] ?? response["etag"] else {
      return nil
    }
    if etag.hasPrefix("W/") { etag.removeFirst(2) }
    etag = etag.trimmingCharacters(in: CharacterSet(charactersIn: "\""))
    let length = response["x-linked-size"] ?? (response.isRedirect ? nil : response["content-length"])
    self.init(commit: commit, etag: etag, size: length.flatMap(Int.init))
  }
}

extension FileMetadata {
  /// Of an entry of the Hub's list of files; nil where that does not say everything.
  init?(listed fields: [String: JSONValue], commit: String) {
    var fields = fields
    // Of a large file `oid` is that of the small one that stands for it in git.
    if case .object(let large)? = fields["lfs"] { fields = large }
    guard case .string(let etag)? = fields["oid"], case .number(let size)? = fields["size"],
      size.magnitude < 0x1p53, let bytes = Int(exactly: size)
    else { return nil }
    self.init(commit: commit, etag: etag, size: bytes)
  }
}
