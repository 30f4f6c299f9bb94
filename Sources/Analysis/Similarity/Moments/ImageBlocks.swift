import Formats
import Torch

/// Reads all taps of a comparison side by side, some images at a time: rows of double precision, `[images, columns of all taps]`, less the
/// row of the first image.
struct ImageBlocks {
  /// Bytes that a block takes at most, but for one image.
  private static let bytes = 64 << 20

  /// By tap the columns that it has of a row.
  let ranges: [Range<Int>]
  let columns: Int
  private let computation: SimilarityComputation
  private let plans: [ColumnPlan]
  private let first: Buffer<Double>

  /// - Throws: what the sources throw; ``AnalysisError`` where a number is not finite.
  init(_ computation: SimilarityComputation) throws {
    self.computation = computation
    plans = computation.taps.map { ColumnPlan(computation.settings.tokens, $0.shape, width: max(1, $0.shape.columns)) }
    var ranges: [Range<Int>] = []
    for plan in plans {
      let start = ranges.last?.upperBound ?? 0
      ranges.append(start..<start + plan.columns)
    }
    self.ranges = ranges
    columns = ranges.last?.upperBound ?? 0
    first = Buffer(columns)
    first.pointer.initialize(repeating: 0, count: columns)
    let own = try read(0..<1)
    first.pointer.update(from: own.pointer, count: columns)
  }

  /// How many images a block has.
  var size: Int { ImageBlocks.size(columns: columns, images: computation.images) }

  static func size(columns: Int, images: Int) -> Int { max(1, min(images, 2048, bytes / (8 * max(1, columns)))) }

  /// Lends the rows of all images, block after block.
  func forEach(_ body: (_ images: Range<Int>, _ rows: Buffer<Double>) throws -> Void) throws {
    for images in pieces(of: 0..<computation.images, size: size) { try body(images, try read(images)) }
  }

  /// The rows of some images, given by their places among those compared.
  func read(_ images: Range<Int>) throws -> Buffer<Double> {
    let block = Buffer<Double>(images.count * columns)
    let all = computation.selection.rows
    // Where tokens are averaged, the mean of the first row that is read is taken away: the same for all blocks.
    let rows = [all[0]] + all[images]
    for (tap, plan) in plans.enumerated() {
      let compared = computation.taps[tap]
      let source = computation.sources[compared.source].source
      let reader = SlabReader(source: source, tap: compared.tap, images: rows, readBytes: ImageBlocks.bytes)
      var start = ranges[tap].lowerBound
      for piece in plan.pieces {
        let slab = Buffer<Float>(rows.count * piece.columns)
        let subtracted = try reader.read(
          piece, into: UnsafeMutableBufferPointer(start: slab.pointer, count: rows.count * piece.columns))
        if let image = GramAccumulator.firstNotFinite(slab.pointer, images: rows.count, columns: piece.columns) {
          throw TapReader.notFinite(
            compared.name, image: computation.selection.paths[image == 0 ? 0 : images.lowerBound + image - 1],
            advice: source.notFiniteAdvice(tap: compared.name.tap))
        }
        for image in 0..<images.count {
          let from = slab.pointer + (image + 1) * piece.columns
          let target = block.pointer + image * columns + start
          for column in 0..<piece.columns {
            // The mean of the first row is the same everywhere and falls out.
            target[column] = Double(from[column]) - (subtracted == nil ? first.pointer[start + column] : 0)
          }
        }
        start += piece.columns
      }
    }
    return block
  }
}
