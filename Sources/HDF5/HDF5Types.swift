import CHDF5

/// The numbers a dataset or attribute can hold.
public enum HDF5ScalarType: String, Sendable, CaseIterable {
  case int8, int16, int32, int64, uint8, uint16, uint32, uint64, float16, float32, float64

  /// Bytes of one number.
  public var size: Int {
    switch self {
    case .int8, .uint8: 1
    case .int16, .uint16, .float16: 2
    case .int32, .uint32, .float32: 4
    case .int64, .uint64, .float64: 8
    }
  }

  public var isFloat: Bool { self == .float16 || self == .float32 || self == .float64 }

  /// A new little-endian type of libhdf5. Call it with the lock held.
  func makeType() -> HDF5Handle {
    let id: hid_t
    switch self {
    case .int8: id = H5Tcopy(palimpsest_h5t_int8())
    case .int16: id = H5Tcopy(palimpsest_h5t_int16())
    case .int32: id = H5Tcopy(palimpsest_h5t_int32())
    case .int64: id = H5Tcopy(palimpsest_h5t_int64())
    case .uint8: id = H5Tcopy(palimpsest_h5t_uint8())
    case .uint16: id = H5Tcopy(palimpsest_h5t_uint16())
    case .uint32: id = H5Tcopy(palimpsest_h5t_uint32())
    case .uint64: id = H5Tcopy(palimpsest_h5t_uint64())
    case .float32: id = H5Tcopy(palimpsest_h5t_float32())
    case .float64: id = H5Tcopy(palimpsest_h5t_float64())
    case .float16:
      // IEEE half: sign bit 15, exponent of 5 bits at 10, mantissa of 10 bits at 0, bias 15; what numpy's '<f2' is.
      id = H5Tcopy(palimpsest_h5t_float32())
      H5Tset_fields(id, 15, 10, 5, 0, 10)
      H5Tset_size(id, 2)
      H5Tset_ebias(id, 15)
    }
    return HDF5Handle(id) { H5Tclose($0) }
  }
}

/// A Swift number with its counterpart in a file.
public protocol HDF5Scalar: BitwiseCopyable, Sendable {
  static var hdf5Type: HDF5ScalarType { get }
}

extension Int8: HDF5Scalar { public static var hdf5Type: HDF5ScalarType { .int8 } }
extension Int16: HDF5Scalar { public static var hdf5Type: HDF5ScalarType { .int16 } }
extension Int32: HDF5Scalar { public static var hdf5Type: HDF5ScalarType { .int32 } }
extension Int64: HDF5Scalar { public static var hdf5Type: HDF5ScalarType { .int64 } }
extension UInt8: HDF5Scalar { public static var hdf5Type: HDF5ScalarType { .uint8 } }
extension UInt16: HDF5Scalar { public static var hdf5Type: HDF5ScalarType { .uint16 } }
extension UInt32: HDF5Scalar { public static var hdf5Type: HDF5ScalarType { .uint32 } }
extension UInt64: HDF5Scalar { public static var hdf5Type: HDF5ScalarType { .uint64 } }
extension Float: HDF5Scalar { public static var hdf5Type: HDF5ScalarType { .float32 } }
extension Double: HDF5Scalar { public static var hdf5Type: HDF5ScalarType { .float64 } }
#if !(os(macOS) && arch(x86_64))
  extension Float16: HDF5Scalar { public static var hdf5Type: HDF5ScalarType { .float16 } }
#endif

/// What the elements of a dataset or attribute are.
public enum HDF5ElementType: Sendable, Equatable, CustomStringConvertible {
  /// Numbers of a kind of `HDF5ScalarType`.
  case scalar(HDF5ScalarType, littleEndian: Bool)
  /// Strings of a fixed number of bytes, padded with zeros.
  case fixedString(bytes: Int)
  case variableString
  /// Something else, named for messages.
  case other(String)

  public var description: String {
    switch self {
    case .scalar(let type, let littleEndian):
      littleEndian || type.size == 1 ? type.rawValue : "\(type.rawValue) (big-endian)"
    case .fixedString(let bytes): "string of \(bytes) bytes"
    case .variableString: "string"
    case .other(let name): name
    }
  }

  /// Reads a type of libhdf5. Call it with the lock held.
  init(type id: hid_t) {
    let size = H5Tget_size(id)
    switch H5Tget_class(id) {
    case H5T_STRING:
      self = H5Tis_variable_str(id) > 0 ? .variableString : .fixedString(bytes: size)
    case H5T_INTEGER:
      self = .integer(id, size: size)
    case H5T_FLOAT:
      self = .float(id, size: size)
    case H5T_ENUM:
      // h5py writes booleans so: an enumeration over int8.
      let base = H5Tget_super(id)
      defer { if base >= 0 { H5Tclose(base) } }
      self = base >= 0 ? .integer(base, size: size) : .other("enumeration")
    case H5T_COMPOUND: self = .other("compound")
    case H5T_VLEN: self = .other("variable-length array")
    case H5T_ARRAY: self = .other("array")
    case H5T_REFERENCE: self = .other("reference")
    case H5T_OPAQUE: self = .other("opaque")
    default: self = .other("unknown type")
    }
    H5Eclear2(palimpsest_h5e_default())
  }

  private static func integer(_ id: hid_t, size: Int) -> HDF5ElementType {
    let littleEndian = H5Tget_order(id) == H5T_ORDER_LE
    let signed = H5Tget_sign(id) == H5T_SGN_2
    guard H5Tget_precision(id) == size * 8 else { return .other("integer of \(size) bytes") }
    switch (size, signed) {
    case (1, true): return .scalar(.int8, littleEndian: true)
    case (2, true): return .scalar(.int16, littleEndian: littleEndian)
    case (4, true): return .scalar(.int32, littleEndian: littleEndian)
    case (8, true): return .scalar(.int64, littleEndian: littleEndian)
    case (1, false): return .scalar(.uint8, littleEndian: true)
    case (2, false): return .scalar(.uint16, littleEndian: littleEndian)
    case (4, false): return .scalar(.uint32, littleEndian: littleEndian)
    case (8, false): return .scalar(.uint64, littleEndian: littleEndian)
    default: return .other("integer of \(size) bytes")
    }
  }

  private static func float(_ id: hid_t, size: Int) -> HDF5ElementType {
    let order = H5Tget_order(id)
    var sign = 0
    var exponentPosition = 0
    var exponentSize = 0
    var mantissaPosition = 0
    var mantissaSize = 0
    guard order == H5T_ORDER_LE || order == H5T_ORDER_BE,
      H5Tget_fields(id, &sign, &exponentPosition, &exponentSize, &mantissaPosition, &mantissaSize) >= 0
    else { return .other("float of \(size) bytes") }
    switch (size, exponentSize, mantissaSize) {
    case (2, 5, 10): return .scalar(.float16, littleEndian: order == H5T_ORDER_LE)
    case (4, 8, 23): return .scalar(.float32, littleEndian: order == H5T_ORDER_LE)
    case (8, 11, 52): return .scalar(.float64, littleEndian: order == H5T_ORDER_LE)
    default: return .other("float of \(size) bytes")
    }
  }
}

/// Arithmetic with sizes that a file declares, which may be anything: nothing overflows.
public enum DeclaredSize {
  /// The product; nil where a factor is negative or the product does not fit.
  public static func product(_ factors: [Int]) -> Int? {
    var product = 1
    for factor in factors {
      guard factor >= 0 else { return nil }
      let (next, overflow) = product.multipliedReportingOverflow(by: factor)
      guard !overflow else { return nil }
      product = next
    }
    return product
  }

  /// The product of what is not negative; `Int.max` where it does not fit.
  public static func clampedProduct(_ factors: [Int]) -> Int { factors.contains(0) ? 0 : product(factors) ?? Int.max }

  /// The sum of what is not negative; `Int.max` where it does not fit.
  public static func clampedSum(_ terms: some Sequence<Int>) -> Int {
    terms.reduce(0) { sum, term in
      let (next, overflow) = sum.addingReportingOverflow(term)
      return overflow ? Int.max : next
    }
  }
}
