import Foundation

/// The edges of many pictures, a bit a pixel, in a scratch file: those of other images are compared with every image.
final class EdgeArchive {
  private let file: ScratchFile
  private let taps: Int
  /// Bytes of a picture.
  private let bytes: Int

  /// - Parameters:
  ///   - pixels: the most that a picture has.
  ///   - folder: for the scratch file.
  /// - Throws: ``AnalysisError`` where there is no room.
  init(images: Int, taps: Int, pixels: Int, in folder: String = NSTemporaryDirectory()) throws {
    file = try ScratchFile(in: folder)
    self.taps = taps
    bytes = (pixels + 7) / 8
    if let reason = file.reserve(images * taps * bytes) {
      throw AnalysisError(
        .workFailed,
        "no room for \(images * taps * bytes) bytes of edges in \(folder) (\(reason)); set TMPDIR to another"
          + " folder")
    }
  }

  private func offset(_ image: Int, _ tap: Int) -> Int { (image * taps + tap) * bytes }

  /// - Parameter edges: of a picture, anything but 0 at edges.
  func write(_ edges: [UInt8], image: Int, tap: Int) throws {
    var packed = [UInt8](repeating: 0, count: bytes)
    for (index, value) in edges.enumerated() where value != 0 { packed[index >> 3] |= 1 << UInt8(index & 7) }
    try packed.withUnsafeBytes { try file.write($0, at: offset(image, tap)) }
  }

  /// The edges of a picture, 1 where there is one.
  ///
  /// - Parameter pixels: that it has.
  func edges(image: Int, tap: Int, pixels: Int) throws -> [UInt8] {
    var packed = [UInt8](repeating: 0, count: bytes)
    try packed.withUnsafeMutableBytes { try file.read(into: $0, at: offset(image, tap)) }
    return (0..<pixels).map { packed[$0 >> 3] >> UInt8($0 & 7) & 1 }
  }
}
