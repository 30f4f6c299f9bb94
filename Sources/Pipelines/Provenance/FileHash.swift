import Activations
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
    let isSmall = bytes.map { $0 <= largest || ShardFolder.isOne(path) } ?? false
    return Provenance.File(
      path: path, sha256: isSmall ? sha256(path) : nil, bytes: bytes, role: role)
  }

  /// In bytes; nil where there is nothing.
  public static func size(of path: String) -> Int? {
    if ShardFolder.isOne(path) { return try? ShardFolder(path).files().reduce(0) { $0 + (size(of: $1) ?? 0) } }
    return ((try? FileManager.default.attributesOfItem(atPath: path))?[.size] as? NSNumber)?.intValue
  }

  /// Hexadecimal, read in pieces; nil where the file cannot be read. Of a folder of shards it is over their plan and the checksums of
  /// their rows.
  public static func sha256(_ path: String) -> String? {
    if ShardFolder.isOne(path) { return try? ShardFolder(path).digest() }
    return try? ContentDigest(contentsOfFile: path).hexadecimal
  }
}
