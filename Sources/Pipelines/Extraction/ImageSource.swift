import Formats
import Foundation
import Imaging

/// From image files to the pixels the model sees; used by several threads at once.
struct ImageSource: Sendable {
  private let input: ModelInput
  private let conditions: [ColorCondition]
  private let region: ConditionRegion?
  private let entries: [ImageFolder.Entry]
  private let findings: ExtractionFindings

  init(
    _ input: ModelInput, entries: [ImageFolder.Entry], conditions: [ColorCondition], region: ConditionRegion?,
    findings: ExtractionFindings
  ) {
    self.findings = findings
    self.input = input
    self.entries = entries
    self.conditions = conditions
    self.region = region
  }

  /// Reads the image of a row and makes its pixels under the conditions with these indices.
  func prepare(_ row: Int, _ wanted: [Int]) throws -> PreparedImage {
    let entry = entries[row]
    let picture: DecodedPicture
    let content: ContentIdentity
    do { (picture, content) = try entry.identified() } catch let error as ImagingError {
      // The store records the reason beside the path in the folder of images; where that folder lay is not a part of it.
      throw ImagingError(reason: error.reason)
    }
    let image = picture.image
    findings.add(picture, row: row, path: entry.relativePath)
    let original = try input.preprocessing.apply(to: image)
    let mask = try region?.mask(of: entry.relativePath, width: image.width, height: image.height)
    let changed = try mask.map { try input.preprocessing.apply(to: $0) }
    let other = wanted.contains { conditions[$0].needsOther } ? following(row) : nil
    var pixels: [Int: [UInt8]] = [:]
    for index in wanted {
      pixels[index] = input.bytes(conditions[index].apply(to: original, mask: changed, other: other))
    }
    return PreparedImage(
      content: content, fileSize: image.size, validSize: original.size, pixels: pixels)
  }

  /// The next image of the list that can be read, the first following the last; nil where there is no other.
  private func following(_ row: Int) -> PixelImage? {
    for step in 1..<max(1, entries.count) {
      let other = entries[(row + step) % entries.count]
      if let image = try? other.image(), let pixels = try? input.preprocessing.apply(to: image) {
        return pixels
      }
    }
    return nil
  }
}

/// One image as the model will see it.
struct PreparedImage: Sendable {
  /// What the file is known by.
  let content: ContentIdentity
  let fileSize: ImageSize
  /// Of the input, what is not padding.
  let validSize: ImageSize
  /// By condition, `[H, W, 3]` bytes.
  let pixels: [Int: [UInt8]]
}
