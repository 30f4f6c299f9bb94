import Imaging
import Synchronization
import Torch

/// What a user should know of an extraction that only shows while it runs; filled by several threads.
final class ExtractionFindings: Sendable {
  private struct Found {
    var passed: Set<Int> = []
    var turned: Set<Int> = []
    var applied: Set<Int> = []
    var further: Set<Int> = []
    var first: [String: (row: Int, path: String)] = [:]
    /// By tap, in the order of their names.
    var notFinite: [String: Numbers] = [:]
    var overflown: [String: Numbers] = [:]

    mutating func name(_ kind: String, _ row: Int, _ path: String) {
      if let known = first[kind], known.row <= row { return }
      first[kind] = (row, path)
    }
  }

  private struct Numbers {
    var count = 0
    var rows: Set<Int> = []
  }

  private let found = Mutex(Found())
  private let preprocessing: Preprocessing
  private let isHalf: Bool

  /// What becomes infinite when it is rounded to float16, whose largest number is 65504.
  private static let halfLimit: Float = 65_520

  /// - Parameter isHalf: whether activations are stored as float16.
  init(_ preprocessing: Preprocessing, isHalf: Bool) {
    self.preprocessing = preprocessing
    self.isHalf = isHalf
  }

  func add(_ picture: DecodedPicture, row: Int, path: String) {
    let passes = preprocessing.passes(picture.image.size)
    guard passes || picture.facts.orientation != 1 || picture.facts.frames > 1 else { return }
    found.withLock { found in
      func note(_ kind: String, _ rows: WritableKeyPath<Found, Set<Int>>, _ condition: Bool) {
        guard condition else { return }
        found[keyPath: rows].insert(row)
        found.name(kind, row, path)
      }
      note("passed", \.passed, passes)
      note("turned", \.turned, picture.facts.ignoresOrientation)
      note("applied", \.applied, picture.facts.orientation != 1 && picture.facts.isTurned)
      note("further", \.further, picture.facts.frames > 1)
    }
  }

  /// Looks for numbers in a tap's rows, `[B, T, C]` float32 on the CPU, that are not finite or that float16 cannot hold.
  func check(_ values: Tensor, tap: String, rows: [Int]) throws {
    let (low, high) = (try values.minimum().item(), try values.maximum().item())
    // Either is no number where any element is none.
    let largest = max(abs(low), abs(high))
    if low.isFinite, high.isFinite, !isHalf || largest < Double(ExtractionFindings.halfLimit) { return }
    let numbers = try values.withUnsafeBytes { Array($0.bindMemory(to: Float.self)) }
    let width = numbers.count / max(1, rows.count)
    found.withLock { found in
      for (index, number) in numbers.enumerated() {
        if !number.isFinite {
          found.notFinite[tap, default: Numbers()].count += 1
          found.notFinite[tap, default: Numbers()].rows.insert(rows[index / width])
        } else if isHalf, abs(number) >= ExtractionFindings.halfLimit {
          found.overflown[tap, default: Numbers()].count += 1
          found.overflown[tap, default: Numbers()].rows.insert(rows[index / width])
        }
      }
    }
  }

  /// Sentences on what was found.
  ///
  /// - Parameters:
  ///   - taps: the taps' names in order of depth.
  ///   - model: where the weights are, for messages.
  func sentences(taps: [String], model: String) -> [String] {
    found.withLock { found in
      func first(_ kind: String) -> String { found.first[kind]?.path ?? "" }
      var sentences: [String] = []
      if !found.passed.isEmpty {
        sentences.append(
          "\(StoreText.images(found.passed.count)) had the input size already and went in as they are, without the recipe's resize and "
            + "crop, the first: \(first("passed")); --preprocess exact follows the recipe at every size")
      }
      if !found.turned.isEmpty {
        sentences.append(
          "\(StoreText.images(found.turned.count)) carry an EXIF orientation that was not applied, as Pillow's Image.open in timm and "
            + "transformers does not, the first: \(first("turned"))")
      }
      if !found.applied.isEmpty {
        sentences.append(
          "\(StoreText.counted(found.applied.count, "TIFF was", "TIFFs were")) turned as the orientation in the file says, as Pillow does, "
            + "the first: \(first("applied"))")
      }
      if !found.further.isEmpty {
        sentences.append(
          "\(StoreText.counted(found.further.count, "file has", "files have")) several pages or frames, of which the first was taken, such "
            + "as \(first("further"))")
      }
      if let text = ExtractionFindings.text(found.overflown, taps) {
        sentences.append(
          "--dtype float16 holds numbers up to 65504, and larger ones were stored as infinities: \(text); extract with --dtype float32, "
            + "or leave these taps out with --taps")
      }
      if let text = ExtractionFindings.text(found.notFinite, taps) {
        sentences.append(
          "the model gives numbers that are not finite: \(text); check its weights with palimpsest verify \(model)")
      }
      return sentences
    }
  }

  /// `12 numbers at block.0 and 3 at block.1 in 5 images`.
  private static func text(_ numbers: [String: Numbers], _ taps: [String]) -> String? {
    let named = taps.compactMap { tap in numbers[tap].map { (tap: tap, count: $0.count) } }
    guard !named.isEmpty else { return nil }
    let shown = named.prefix(6).map { "\($0.count) at \($0.tap)" }.joined(separator: ", ")
    let rows = numbers.values.reduce(into: Set<Int>()) { $0.formUnion($1.rows) }
    return
      "\(named.reduce(0) { $0 + $1.count }) numbers (\(shown)\(named.count > 6 ? ", … at \(named.count) taps" : "")) in "
      + StoreText.images(rows.count)
  }
}
