private enum Arithmetic {
  static let add = Operator("aten::add", "Tensor")
  static let addScalar = Operator("aten::add", "Scalar")
  static let subtract = Operator("aten::sub", "Tensor")
  static let subtractScalar = Operator("aten::sub", "Scalar")
  static let reverseSubtract = Operator("aten::rsub", "Scalar")
  static let multiply = Operator("aten::mul", "Tensor")
  static let multiplyScalar = Operator("aten::mul", "Scalar")
  static let divide = Operator("aten::div", "Tensor")
  static let divideScalar = Operator("aten::div", "Scalar")
  static let addInPlace = Operator("aten::add_", "Tensor")
  static let multiplyInPlace = Operator("aten::mul_", "Scalar")
  static let copyInPlace = Operator("aten::copy_")
  static let power = Operator("aten::pow", "Tensor_Scalar")
  static let negate = Operator("aten::neg")
  static let squareRoot = Operator("aten::sqrt")
  static let reciprocalSquareRoot = Operator("aten::rsqrt")
  static let exponential = Operator("aten::exp")
  static let logarithm = Operator("aten::log")
  static let sine = Operator("aten::sin")
  static let cosine = Operator("aten::cos")
  static let tanh = Operator("aten::tanh")
  static let absolute = Operator("aten::abs")
  static let clamp = Operator("aten::clamp")
  static let matmul = Operator("aten::matmul")
  static let addmm = Operator("aten::addmm")
  static let addmmInPlace = Operator("aten::addmm_")
  static let equal = Operator("aten::eq", "Tensor")
  static let lessScalar = Operator("aten::lt", "Scalar")
  static let logicalNot = Operator("aten::logical_not")
  static let maskedFill = Operator("aten::masked_fill", "Scalar")
  static let whereSelf = Operator("aten::where", "self")
}

extension Tensor {
  // Shapes broadcast as in libtorch.

  public static func + (a: Tensor, b: Tensor) throws -> Tensor { try Arithmetic.add.one(.tensor(a), .tensor(b)) }
  public static func + (a: Tensor, b: Double) throws -> Tensor { try Arithmetic.addScalar.one(.tensor(a), .real(b)) }
  public static func - (a: Tensor, b: Tensor) throws -> Tensor { try Arithmetic.subtract.one(.tensor(a), .tensor(b)) }
  public static func - (a: Tensor, b: Double) throws -> Tensor {
    try Arithmetic.subtractScalar.one(.tensor(a), .real(b))
  }
  public static func - (a: Double, b: Tensor) throws -> Tensor {
    try Arithmetic.reverseSubtract.one(.tensor(b), .real(a))
  }
  public static func * (a: Tensor, b: Tensor) throws -> Tensor { try Arithmetic.multiply.one(.tensor(a), .tensor(b)) }
  public static func * (a: Tensor, b: Double) throws -> Tensor {
    try Arithmetic.multiplyScalar.one(.tensor(a), .real(b))
  }
  public static func * (a: Double, b: Tensor) throws -> Tensor { try b * a }
  public static func / (a: Tensor, b: Tensor) throws -> Tensor { try Arithmetic.divide.one(.tensor(a), .tensor(b)) }
  public static func / (a: Tensor, b: Double) throws -> Tensor { try Arithmetic.divideScalar.one(.tensor(a), .real(b)) }
  public static prefix func - (a: Tensor) throws -> Tensor { try Arithmetic.negate.one(.tensor(a)) }

  public func power(_ exponent: Double) throws -> Tensor { try Arithmetic.power.one(.tensor(self), .real(exponent)) }
  public func squareRoot() throws -> Tensor { try Arithmetic.squareRoot.one(.tensor(self)) }
  public func reciprocalSquareRoot() throws -> Tensor { try Arithmetic.reciprocalSquareRoot.one(.tensor(self)) }
  public func exponential() throws -> Tensor { try Arithmetic.exponential.one(.tensor(self)) }
  public func logarithm() throws -> Tensor { try Arithmetic.logarithm.one(.tensor(self)) }
  public func sine() throws -> Tensor { try Arithmetic.sine.one(.tensor(self)) }
  public func cosine() throws -> Tensor { try Arithmetic.cosine.one(.tensor(self)) }
  public func tanh() throws -> Tensor { try Arithmetic.tanh.one(.tensor(self)) }
  public func absolute() throws -> Tensor { try Arithmetic.absolute.one(.tensor(self)) }

  /// Every element held between `low` and `high`; a bound that is nil does not hold.
  public func clamped(low: Double? = nil, high: Double? = nil) throws -> Tensor {
    try Arithmetic.clamp.one(.tensor(self), low.map(Argument.real) ?? .none, high.map(Argument.real) ?? .none)
  }

  /// The matrix product over the last two axes, batched and broadcast over the others.
  public func matmul(_ other: Tensor) throws -> Tensor { try Arithmetic.matmul.one(.tensor(self), .tensor(other)) }

  /// `beta·self + alpha·(a × b)` for matrices.
  public func addingProduct(_ a: Tensor, _ b: Tensor, beta: Double = 1, alpha: Double = 1) throws -> Tensor {
    try Arithmetic.addmm.one(.tensor(self), .tensor(a), .tensor(b), .real(beta), .real(alpha))
  }

  /// Where `condition` (bool) holds, `value`.
  public func filled(where condition: Tensor, with value: Double) throws -> Tensor {
    try Arithmetic.maskedFill.one(.tensor(self), .tensor(condition), .real(value))
  }

  /// `self` where `condition` (bool) holds, else `other`.
  public func selected(where condition: Tensor, otherwise other: Tensor) throws -> Tensor {
    try Arithmetic.whereSelf.one(.tensor(condition), .tensor(self), .tensor(other))
  }

  /// Element by element, as bool.
  public func equals(_ other: Tensor) throws -> Tensor { try Arithmetic.equal.one(.tensor(self), .tensor(other)) }
  public func isLess(than value: Double) throws -> Tensor { try Arithmetic.lessScalar.one(.tensor(self), .real(value)) }
  public func logicalNot() throws -> Tensor { try Arithmetic.logicalNot.one(.tensor(self)) }

  // MARK: In place

  /// Adds `other · scale` to this tensor's own memory.
  public func add(_ other: Tensor, scale: Double = 1) throws {
    _ = try Arithmetic.addInPlace.one(.tensor(self), .tensor(other), .real(scale))
  }

  /// Adds the matrix product `a × b` to this tensor's own memory.
  public func addProduct(_ a: Tensor, _ b: Tensor) throws {
    _ = try Arithmetic.addmmInPlace.one(.tensor(self), .tensor(a), .tensor(b))
  }

  /// Multiplies this tensor's own memory.
  public func multiply(by factor: Double) throws {
    _ = try Arithmetic.multiplyInPlace.one(.tensor(self), .real(factor))
  }

  /// Overwrites this tensor's own memory with `other`, converted and broadcast.
  public func copy(from other: Tensor) throws {
    _ = try Arithmetic.copyInPlace.one(.tensor(self), .tensor(other))
  }
}
