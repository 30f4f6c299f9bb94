import Formats

/// What an analysis keeps in memory at once, part by part: estimated from shapes, before any feature is read.
///
/// docs/performance.md, *Bounds on memory*, holds the estimates against what was measured.
package struct MemoryDemand: Sendable, Equatable {
  package struct Part: Sendable, Equatable {
    /// A noun, for people.
    package let name: String
    package let bytes: Int
  }

  package private(set) var parts: [Part] = []

  /// The program, its libraries, and freed memory that is kept for the next block.
  static let program = 256 << 20

  init() { add("the program", MemoryDemand.program) }

  package var bytes: Int { parts.reduce(0) { $0.addingReportingOverflow($1.bytes).overflow ? .max : $0 + $1.bytes } }

  mutating func add(_ name: String, _ bytes: Int) {
    if bytes > 0 { parts.append(Part(name: name, bytes: bytes)) }
  }

  /// The same of numbers that may be too many to count.
  mutating func add(_ name: String, numbers: Double, of size: Int) {
    let bytes = numbers * Double(size)
    add(name, bytes < 4e18 ? Int(bytes) : .max / 2)
  }

  /// - Parameters:
  ///   - limit: bytes that may be taken; nil for no limit.
  ///   - analysis: its name.
  ///   - advice: what takes less, as the end of a sentence.
  /// - Throws: ``AnalysisError`` where the limit is too low.
  func require(_ limit: Int?, for analysis: String, advice: String) throws {
    guard let limit, bytes > limit else { return }
    let largest = parts.sorted { $0.bytes > $1.bytes }.prefix(2).map { "\($0.name) \(NumberText.bytes($0.bytes))" }
    throw AnalysisError(
      .badInput,
      "\(analysis) needs about \(NumberText.bytes(bytes)) of memory (\(largest.joined(separator: ", "))) and may take "
        + "\(NumberText.bytes(limit)): give more with --memory (without it half of what the machine or the job grants), or \(advice)"
    )
  }

  /// Pairs of so many.
  private static func pairs(_ images: Int) -> Double { Double(images) * Double(max(0, images - 1)) / 2 }

  /// What is known of every image of a store: its path, why it cannot be used, what its file holds.
  private mutating func addImages(_ images: Int) { add("what is known of the images", images * 400) }

  // MARK: Similarity

  /// - Parameters:
  ///   - columns: of each tap, as its tokens are taken.
  ///   - pairs: pairs of images over which kernels are taken; 0 where all comes from products of columns.
  ///   - hasMoments: whether linear CKA comes from products of columns.
  static func similarity(images: Int, columns: [Int], pairs: Int, hasMoments: Bool, hasIntervals: Bool) -> MemoryDemand
  {
    var demand = MemoryDemand()
    demand.addImages(images)
    let taps = columns.count
    if hasMoments { demand.addMoments(images: images, columns: columns, hasIntervals: hasIntervals) }
    if pairs > 0 {
      demand.add("inner products of all pairs of images", numbers: Double(pairs), of: 8)
      demand.add("columns of a tap", images * (min(columns.max() ?? 1, GramAccumulator.step) * 8 + 8 * 64))
      demand.add(
        "kernel matrices at work", min(pairs.multipliedReportingOverflow(by: 4 * taps).partialValue, 128 << 20))
    }
    return demand
  }

  /// Of ``LinearMoments``.
  private mutating func addMoments(images: Int, columns: [Int], hasIntervals: Bool) {
    let (all, taps) = (columns.reduce(0, +), columns.count)
    // Products of each tap with itself and those after it, as they come and centred.
    var (products, left) = (0.0, all)
    for own in columns {
      products += Double(own) * Double(left)
      left -= own
    }
    add("products of columns", numbers: 2 * products + Double(2 * taps * all), of: 8)
    let block = ImageBlocks.size(columns: all, images: images)
    add("a block of images", numbers: Double(block) * Double(all), of: hasIntervals ? 40 : 20)
    guard hasIntervals else { return }
    add("shares of single images", numbers: Double(block * taps * taps), of: 80)
    let sample = min(images, 1024)
    add("pairs of a sample", numbers: Double(sample * all) + Double(sample * sample / 2 * taps), of: 24)
  }

  // MARK: Colour

  /// - Parameters:
  ///   - columns: the most that a tap has.
  ///   - conditions: beside the originals.
  ///   - slab: bytes of features that are read at once.
  static func color(
    images: Int, columns: Int, conditions: Int, replicates: Int, usesMoments: Bool, slab: Int
  ) -> MemoryDemand {
    var demand = MemoryDemand()
    demand.addImages(images)
    demand.add("draws of the bootstrap", numbers: Double(replicates) * Double(images), of: 8)
    demand.add("figures of images", numbers: Double(images) * Double(conditions), of: 700)
    if usesMoments {
      demand.addMoments(images: images, columns: [columns, columns], hasIntervals: true)
      demand.add("features of a tap", images * min(columns * 8, max(8 * GramAccumulator.step, slab / max(1, images))))
    } else {
      demand.add("kernel matrices", numbers: pairs(images), of: 8 * 2 + 4 * 3 + 8)
      demand.add("features of a tap", images * min(columns, GramAccumulator.step) * 16)
    }
    return demand
  }

  // MARK: Prototypes

  /// By inner products of all pairs of images.
  static func classProducts(images: Int, classes: Int, threads: Int) -> MemoryDemand {
    var demand = MemoryDemand()
    demand.addImages(images)
    demand.add("inner products of all pairs of images", numbers: pairs(images), of: 8)
    demand.add("columns of a tap", images * GramAccumulator.step * 4)
    demand.add("sums over classes", numbers: Double(images) * Double(classes) * Double(max(1, threads)), of: 16)
    return demand
  }

  /// By sums of columns over classes.
  static func classSums(images: Int, columns: Int, classes: Int, labellings: Int, slab: Int) -> MemoryDemand {
    var demand = MemoryDemand()
    demand.addImages(images)
    let atOnce = min(columns, max(1, slab / max(1, 4 * images) / GramAccumulator.step) * GramAccumulator.step)
    demand.add("features of a tap", images * (columns + atOnce) * 4)
    demand.add("shuffled labels", numbers: Double(images) * Double(labellings), of: 8)
    demand.add("sums over classes", numbers: Double(classes) * Double(columns), of: 24)
    demand.add("figures of images", images * 160)
    demand.add("a block of images", 160 << 20)
    return demand
  }

  // MARK: Pictures

  /// Of analyses of reconstructions.
  ///
  /// - Parameters:
  ///   - block: bytes of pixels held at once.
  ///   - values: figures that are kept of every image.
  ///   - replicates: draws of all images that are kept.
  static func pictures(images: Int, block: Int, values: Int, replicates: Int = 0) -> MemoryDemand {
    var demand = MemoryDemand()
    demand.addImages(images)
    demand.add("pixels", 2 * block)
    demand.add("figures of images", numbers: Double(images) * Double(values), of: 16)
    demand.add("draws of the bootstrap", numbers: Double(replicates) * Double(images), of: 8)
    return demand
  }
}
