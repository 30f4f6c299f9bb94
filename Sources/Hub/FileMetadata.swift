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

  init(commit: String, etag: String, size: Int?) {
    self.commit = commit
    self.etag = etag
    self.size = size
  }

  /// Of the answer to HEAD; nil where that does not say it as the Hub does.
  init?(_ response: HTTPResponse) {
    guard let commit = response["x-repo-commit"], HubRepository.isCommit(commit),
      var etag = response["x-linked-etag"] ?? response["etag"]
    else { return nil }
    if etag.hasPrefix("W/") { etag.removeFirst(2) }
    etag = etag.trimmingCharacters(in: CharacterSet(charactersIn: "\""))
    // It becomes the name of a file.
    guard !etag.isEmpty, etag.utf8.count <= 200, etag.first != ".",
      etag.utf8.allSatisfy({
        $0 < 128 && (Character(UnicodeScalar($0)).isLetter || (0x30...0x39).contains($0) || "-_.".utf8.contains($0))
      })
    else { return nil }
    self.commit = commit
    self.etag = etag
    let length = response["x-linked-size"] ?? (response.isRedirect ? nil : response["content-length"])
    size = length.flatMap(Int.init).flatMap { $0 >= 0 ? $0 : nil }
  }
}
