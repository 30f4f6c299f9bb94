/// Least squares of one response on a few regressors over the pixels of many images: the products of all images are added
/// before the equations are solved, so that no image has a ratio of its own that could be of almost nothing.
///
/// Every image still has a figure, its pseudo-value: the coefficient, and how far this image's products pull it away.
/// Pseudo-values average to the coefficient exactly, and their spread is that of the coefficient to first order (the
/// infinitesimal jackknife, Efron 1982), so that an interval of their mean is an interval of the coefficient.
package struct PooledRegression: Sendable {
  /// Inner products of the regressors, and last the response, over the pixels of one image: a symmetric matrix.
  package struct Products: Sendable, Equatable {
    package let size: Int
    package var values: [Double]

    /// Zeros for some regressors and the response.
    package init(regressors: Int) {
      size = regressors + 1
      values = [Double](repeating: 0, count: size * size)
    }

    /// A whole matrix, row by row.
    package init(_ rows: [[Double]]) {
      size = rows.count
      values = rows.flatMap { $0 }
    }

    package subscript(row: Int, column: Int) -> Double {
      get { values[row * size + column] }
      set { values[row * size + column] = newValue }
    }
  }

  /// A coefficient for each regressor; 0 for one that is nothing, or a sum of those before it.
  package let coefficients: [Double]
  /// R²: the share of the response's square that the regressors explain; nil where there is no response.
  package let explained: Double?
  /// How many images went in.
  package let images: Int
  /// For each regressor the share of its square that the other ones do not explain: 1 over the variance inflation factor.
  package let tolerances: [Double]
  /// Of the mean of the products: the inverse for the regressors, and the square of the response.
  private let inverse: [[Double]]
  private let responseSquare: Double

  /// A pivot below this share of the regressor's square is rounding.
  private static let leastPivot = 1e-9

  /// nil without images.
  package init?(_ images: [Products]) {
    guard let size = images.first?.size else { return nil }
    var matrix = Products(regressors: size - 1)
    for image in images { for place in matrix.values.indices { matrix.values[place] += image.values[place] } }
    for place in matrix.values.indices { matrix.values[place] /= Double(images.count) }
    let mean = matrix
    let regressors = 0..<size - 1
    var swept: [Int] = []
    for pivot in regressors where matrix[pivot, pivot] > PooledRegression.leastPivot * mean[pivot, pivot] {
      PooledRegression.sweep(&matrix, pivot)
      swept.append(pivot)
    }
    coefficients = regressors.map { swept.contains($0) ? matrix[$0, size - 1] : 0 }
    inverse = regressors.map { row in
      regressors.map { swept.contains(row) && swept.contains($0) ? matrix[row, $0] : 0 }
    }
    tolerances = regressors.map { swept.contains($0) ? 1 / (mean[$0, $0] * matrix[$0, $0]) : 0 }
    responseSquare = mean[size - 1, size - 1]
    explained = responseSquare > 0 ? 1 - max(0, matrix[size - 1, size - 1]) / responseSquare : nil
    self.images = images.count
  }

  /// Goodnight's operator (The American Statistician 1979): exchanges a regressor from the products to the solution.
  private static func sweep(_ matrix: inout Products, _ pivot: Int) {
    let divisor = matrix[pivot, pivot]
    for column in 0..<matrix.size { matrix[pivot, column] /= divisor }
    for row in 0..<matrix.size where row != pivot {
      let factor = matrix[row, pivot]
      for column in 0..<matrix.size { matrix[row, column] -= factor * matrix[pivot, column] }
      matrix[row, pivot] = -factor / divisor
    }
    matrix[pivot, pivot] = 1 / divisor
  }

  /// What an image has of the response that the coefficients do not say, along each regressor.
  private func residuals(_ image: Products) -> [Double] {
    coefficients.indices.map { row in
      coefficients.indices.reduce(image[row, coefficients.count]) { $0 - image[row, $1] * coefficients[$1] }
    }
  }

  /// The pseudo-value of a coefficient that an image has.
  package func figure(_ regressor: Int, of image: Products) -> Double {
    zip(inverse[regressor], residuals(image)).reduce(coefficients[regressor]) { $0 + $1.0 * $1.1 }
  }

  /// The pseudo-value of R² that an image has; nil where there is no response.
  package func explainedFigure(of image: Products) -> Double? {
    guard let explained else { return nil }
    let last = coefficients.count
    let square = image[last, last]
    let rest = zip(coefficients, residuals(image)).enumerated().reduce(square) {
      $0 - $1.element.0 * ($1.element.1 + image[$1.offset, last])
    }
    return explained - (rest - (1 - explained) * square) / responseSquare
  }
}
