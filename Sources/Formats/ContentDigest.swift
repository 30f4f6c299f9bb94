import Crypto
import Foundation

/// SHA-256 of bytes that are handed over at once or in pieces.
public struct ContentDigest: Sendable {
  private var hash = SHA256()

  /// Of nothing yet.
  public init() {}

  public init(_ bytes: some DataProtocol) {
    update(bytes)
  }

  /// Of a text in UTF-8.
  public init(_ text: String) {
    update(Data(text.utf8))
  }

  /// Of a file, read in pieces of 4 MiB, so that a file of any size passes through little memory.
  ///
  /// - Throws: Foundation's error where the file cannot be read.
  public init(contentsOfFile path: String) throws {
    let handle = try FileHandle(forReadingFrom: URL(fileURLWithPath: path))
    defer { try? handle.close() }
    while let piece = try handle.read(upToCount: 4 << 20), !piece.isEmpty { update(piece) }
  }

  public mutating func update(_ bytes: some DataProtocol) {
    hash.update(data: bytes)
  }

  public mutating func update(_ bytes: UnsafeRawBufferPointer) {
    hash.update(bufferPointer: bytes)
  }

  /// The 32 bytes of the digest of all bytes so far.
  public var bytes: [UInt8] { Array(hash.finalize()) }

  /// Of all bytes so far, as 64 lower-case hexadecimal digits.
  public var hexadecimal: String { Hexadecimal.text(hash.finalize()) }

  /// Of all bytes so far, as Content-Security-Policy writes it after `sha256-`.
  public var base64: String { Data(hash.finalize()).base64EncodedString() }
}

/// Bytes as hexadecimal digits.
public enum Hexadecimal {
  /// Two lower-case digits a byte.
  public static func text(_ bytes: some Sequence<UInt8>) -> String {
    let digits = Array("0123456789abcdef".utf8)
    return String(decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
  }
}
