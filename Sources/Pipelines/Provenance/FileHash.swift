import Formats
import Foundation
import Reports

/// SHA-256 of files, for provenance.
public enum FileHash {
  /// Files up to this size are hashed; larger ones are recorded with their size alone.
  public static let largest = 4 << 30

  /// What provenance records of a file: path, size and, unless it is very large, SHA-256.
  public static func record(_ path: String, role: String? = nil) -> Provenance.File {
    let bytes = size(of: path)
    return Provenance.File(
      path: path, sha256: bytes.flatMap { $0 <= largest ? sha256(path) : nil }, bytes: bytes, role: role)
  }

  /// In bytes; nil where there is nothing.
  public static func size(of path: String) -> Int? {
    ((try? FileManager.default.attributesOfItem(atPath: path))?[.size] as? NSNumber)?.intValue
  }

  /// Hexadecimal, read in pieces; nil where the file cannot be read.
  public static func sha256(_ path: String) -> String? {
    try? ContentDigest(contentsOfFile: path).hexadecimal
  }
}
