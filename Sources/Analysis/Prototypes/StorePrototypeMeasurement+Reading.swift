import Activations
import Formats

extension StorePrototypeMeasurement {
  /// Whether sums of columns over classes are taken: where columns are fewer than images and that costs less than inner products of all
  /// pairs of images, or these would not fit into memory.
  func usesMoments(_ tap: TapShape) -> Bool {
    if let way = settings.usesMoments { return way }
    guard tap.columns < rows.count, rows.count > GramAccumulator.exactImages else { return false }
    if let memory = settings.selection.memory, demand(tap, usesMoments: false).bytes > memory { return true }
    // Products of rows run at the speed of the processor's vectors; a comparison of two images under a labelling is about 50 times as dear.
    let (images, columns, labellings) = (Double(rows.count), Double(tap.columns), Double(1 + settings.permutations))
    let byPairs = images * images / 2 * (columns / 2 + 50 * labellings)
    return images * labellings * (columns + 60) * Double(classes.count + 4) < byPairs
  }

  private func demand(_ tap: TapShape, usesMoments: Bool) -> MemoryDemand {
    usesMoments
      ? .classSums(
        images: rows.count, columns: tap.columns, classes: classes.count, labellings: settings.permutations,
        slab: settings.memoryLimit)
      : .classProducts(images: rows.count, classes: classes.count, threads: settings.selection.threads)
  }

  /// - Throws: ``AnalysisError`` where some tap takes more memory than there is.
  func requireMemory() throws {
    for tap in taps.map({ source.taps[$0] }) {
      try demand(tap, usesMoments: usesMoments(tap)).require(
        settings.selection.memory, for: "prototypes (\(name), tap \(tap.name), \(rows.count) images)",
        advice: "take fewer images with --sample N, a store of extract --tokens mean, or fewer --permutations")
    }
  }

  /// Reads a tap and adds up its inner products; nil where all images have the same features.
  func readProducts(_ place: Int, _ means: inout [Float]) throws -> ClassStatistics? {
    let isExact = rows.count <= GramAccumulator.exactImages
    let accumulator = GramAccumulator(.whole(rows.count), images: rows.count, exact: isExact)
    means = try readMeans(place) { try accumulator.add($0, columns: $1) }
    return accumulator.products.map { statistics(.products($0), precision: isExact ? 1e-12 : 1e-6) }
  }

  /// Reads a tap and keeps its columns; nil where all images have the same features.
  func readColumns(_ place: Int, _ means: inout [Float]) throws -> ClassStatistics? {
    let columns = ClassColumns(images: rows.count, width: source.taps[place].columns)
    means = try readMeans(place) { columns.add($0, columns: $1) }
    columns.finish()
    return columns.isConstant ? nil : statistics(.columns(columns), precision: 1e-12)
  }

  private func statistics(_ source: ClassStatistics.Source, precision: Double) -> ClassStatistics {
    ClassStatistics(
      source: source, classes: classes.count, precision: precision, threads: settings.selection.threads)
  }

  /// Reads a tap in slabs of columns, gives them to `add` and takes the mean of each class.
  ///
  /// - Parameter add: takes a slab and its columns, and returns an image with a number that is not finite, if there is one.
  private func readMeans(_ place: Int, _ add: (UnsafePointer<Float>, Int) throws -> Int?) throws -> [Float] {
    let tap = source.taps[place]
    var means = [Float](repeating: 0, count: classes.count * tap.columns)
    var counts = [Double](repeating: 0, count: classes.count)
    for label in labels { counts[label] += 1 }
    let width = min(
      tap.columns, SlabReader.width(images: rows.count, bytes: settings.memoryLimit, step: GramAccumulator.step))
    let slab = Buffer<Float>(rows.count * width)
    for piece in pieces(of: 0..<tap.columns, size: width) {
      try source.read(
        tap: place, images: rows, columns: piece,
        into: UnsafeMutableBufferPointer(start: slab.pointer, count: rows.count * piece.count))
      if let image = try add(UnsafePointer(slab.pointer), piece.count) {
        throw AnalysisError(
          .badInput,
          "\(name): tap \(tap.name) holds a number that is not finite for image '\(source.imagePaths[rows[image]])';"
            + " \(source.notFiniteAdvice(tap: tap.name))")
      }
      let sums = Buffer<Double>(classes.count * piece.count)
      sums.pointer.initialize(repeating: 0, count: sums.count)
      for (image, label) in labels.enumerated() {
        VectorSums.add(
          slab.pointer + image * piece.count, piece.count, into: sums.pointer + label * piece.count)
      }
      for label in classes.indices {
        for column in piece {
          means[label * tap.columns + column] = Float(
            sums.pointer[label * piece.count + column - piece.lowerBound] / counts[label])
        }
      }
    }
    return means
  }
}
