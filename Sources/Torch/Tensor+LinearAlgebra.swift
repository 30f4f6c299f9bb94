private enum LinearAlgebra {
  static let eigh = Operator("aten::linalg_eigh")
  static let svd = Operator("aten::linalg_svd")
  static let singularValues = Operator("aten::linalg_svdvals")
  static let pseudoInverse = Operator("aten::linalg_pinv", "rcond_tensor")
}

extension Tensor {
  /// Eigenvalues, ascending, and eigenvectors, in columns, of a symmetric matrix `[n, n]`.
  public func symmetricEigen() throws -> (values: Tensor, vectors: Tensor) {
    let results = try LinearAlgebra.eigh([.tensor(self), .string("L")])
    guard results.count == 2 else { throw TorchError(operation: "linalg_eigh", reason: "it returned no pair") }
    return (results[0], results[1])
  }

  /// The singular values of a matrix `[m, n]`, descending.
  public func singularValues() throws -> Tensor { try LinearAlgebra.singularValues.one(.tensor(self)) }

  /// A matrix `[m, n]` as left · diag(values) · right with r = min(m, n): `[m, r]`, `[r]` descending, `[r, n]`.
  public func singularDecomposition() throws -> (left: Tensor, values: Tensor, right: Tensor) {
    let results = try LinearAlgebra.svd([.tensor(self), .boolean(false)])
    guard results.count == 3 else { throw TorchError(operation: "linalg_svd", reason: "it returned no three tensors") }
    return (results[0], results[1], results[2])
  }

  /// The Moore–Penrose inverse `[n, m]` of a matrix `[m, n]`.
  ///
  /// - Parameter tolerance: singular values below this share of the greatest count as zero.
  public func pseudoInverse(tolerance: Double) throws -> Tensor {
    try LinearAlgebra.pseudoInverse.one(
      .tensor(self), .tensor(Tensor.full([], tolerance, dtype: dtype, device: device)))
  }
}
