import Formats

/// What centring the columns of a tap took away, for measures that see it.
///
/// With x_i the row of an image as the tap has it and μ what was subtracted from every row, z_i = x_i − μ. Products of the
/// x_i follow from those of the z_i without the digits that a large common offset costs.
struct RowOffsets {
  private(set) var columns = 0
  /// One number near all of μ: its first.
  private var reference: Double?
  /// Σ_c z_ic.
  private(set) var sums: [Double]
  /// Σ_c z_ic (μ_c − reference).
  private var products: [Double]
  /// Σ_c (μ_c − reference) and Σ_c (μ_c − reference)².
  private var meanSum = 0.0
  private var meanSquares = 0.0

  init(images: Int) {
    sums = [Double](repeating: 0, count: images)
    products = sums
  }

  /// Adds some columns.
  ///
  /// - Parameters:
  ///   - centred: z, `[images, means]`.
  ///   - means: μ of these columns.
  mutating func add<Element: BinaryFloatingPoint & Sendable>(_ centred: UnsafePointer<Element>, means: [Double]) {
    guard let first = means.first else { return }
    let reference = self.reference ?? first
    self.reference = reference
    let shifted = means.map { $0 - reference }
    columns += means.count
    for value in shifted {
      meanSum += value
      meanSquares += value * value
    }
    let images = sums.count
    let groups = pieces(of: 0..<images, size: max(1, (images + 15) / 16))
    let source = SharedPointer(UnsafeMutablePointer(mutating: centred))
    let added = Buffer<Double>(2 * images)
    inParallel(groups.count) { group in
      for image in groups[group] {
        let row = source.pointer + image * shifted.count
        var (sum, product) = (0.0, 0.0)
        for column in shifted.indices {
          let value = Double(row[column])
          sum += value
          product += value * shifted[column]
        }
        added.pointer[2 * image] = sum
        added.pointer[2 * image + 1] = product
      }
    }
    for image in 0..<images {
      sums[image] += added.pointer[2 * image]
      products[image] += added.pointer[2 * image + 1]
    }
  }

  /// Inner products of rows as sums: of the z_i, of a number for each of the two images, and of one for all.
  struct Shift {
    let byImage: [Double]
    let common: Double
  }

  /// x_i · x_j = z_i · z_j + b_i + b_j + common.
  var plain: Shift {
    let reference = reference ?? 0
    return Shift(
      byImage: zip(products, sums).map { $0 + reference * $1 },
      common: meanSquares + 2 * reference * meanSum + Double(columns) * reference * reference)
  }

  /// With y_i = x_i less its own mean over columns: y_i · y_j = z_i · z_j − sums_i sums_j / columns + b_i + b_j + common.
  var rowCentred: Shift {
    let mean = meanSum / Double(max(1, columns))
    return Shift(
      byImage: zip(products, sums).map { $0 - mean * $1 }, common: max(0, meanSquares - Double(columns) * mean * mean))
  }
}
