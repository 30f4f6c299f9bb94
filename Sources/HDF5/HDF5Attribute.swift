import CHDF5

/// The value of an attribute with its shape; `[]` is a scalar, `[0]` an empty list.
public enum HDF5Attribute: Sendable, Equatable {
  case strings([String], shape: [Int])
  case integers([Int64], shape: [Int])
  case reals([Double], shape: [Int])
  /// Something this library does not read, named.
  case other(String)

  public static func string(_ value: String) -> HDF5Attribute { .strings([value], shape: []) }
  public static func strings(_ values: [String]) -> HDF5Attribute { .strings(values, shape: [values.count]) }
  public static func integer(_ value: Int) -> HDF5Attribute { .integers([Int64(value)], shape: []) }
  public static func integers(_ values: [Int]) -> HDF5Attribute {
    .integers(values.map(Int64.init), shape: [values.count])
  }
  public static func real(_ value: Double) -> HDF5Attribute { .reals([value], shape: []) }

  /// The one string of it, nil where it is something else.
  public var string: String? {
    if case .strings(let values, _) = self, values.count == 1 { values[0] } else { nil }
  }

  /// Its strings, nil where it holds something else.
  public var strings: [String]? {
    if case .strings(let values, _) = self { values } else { nil }
  }

  /// The one number of it, nil where it is something else or not whole.
  public var integer: Int? {
    guard let values = integers, values.count == 1 else { return nil }
    return values[0]
  }

  /// Its whole numbers, nil where it holds something else. An empty list of reals counts as empty.
  public var integers: [Int]? {
    switch self {
    case .integers(let values, _): values.map { Int($0) }
    case .reals(let values, _):
      values.allSatisfy { Int(exactly: $0) != nil } ? values.compactMap { Int(exactly: $0) } : nil
    default: nil
    }
  }
}

extension HDF5File {
  /// The most bytes an attribute may have to be read: what is larger is not an attribute but damage.
  private static let largestAttribute = 1 << 28

  /// All attributes of an object, in the order of their creation where it is known, else by name.
  public func attributes(of object: String) throws -> [(name: String, value: HDF5Attribute)] {
    let names = try attributeNames(of: object)
    let context = context(object)
    return try HDF5Library.locked {
      guard let handle = try openObject(object) else { throw context.error("read the attributes", "no such object") }
      return try names.map { (name: $0, value: try read($0, of: handle, context)) }
    }
  }

  /// An attribute of a group or dataset; nil where it has none of that name.
  public func attribute(_ name: String, of object: String) throws -> HDF5Attribute? {
    let context = context(object)
    return try HDF5Library.locked { () -> HDF5Attribute? in
      guard let handle = try openObject(object) else {
        throw context.error("read the attribute \(name)", "no such object")
      }
      guard try context.check(H5Aexists(handle.id, name), "look for the attribute \(name)") > 0 else { return nil }
      return try read(name, of: handle, context)
    }
  }

  private func read(_ name: String, of object: HDF5Handle, _ context: HDF5Context) throws -> HDF5Attribute {
    let attribute = HDF5Handle(
      try context.check(H5Aopen(object.id, name, palimpsest_h5p_default()), "open the attribute \(name)")
    ) { H5Aclose($0) }
    return try read(attribute.id, name, context)
  }

  private func read(_ attribute: hid_t, _ name: String, _ context: HDF5Context) throws -> HDF5Attribute {
    let type = HDF5Handle(
      try context.check(H5Aget_type(attribute), "read the type of the attribute \(name)")
    ) { H5Tclose($0) }
    let space = HDF5Handle(
      try context.check(H5Aget_space(attribute), "read the shape of the attribute \(name)")
    ) { H5Sclose($0) }
    let isNull = H5Sget_simple_extent_type(space.id) == H5S_NULL
    let shape = isNull ? [0] : try context.shape(of: space.id)
    let element = HDF5ElementType(type: type.id)
    guard let count = DeclaredSize.product(shape), count <= HDF5File.largestAttribute / max(1, H5Tget_size(type.id))
    else {
      throw context.error("read the attribute \(name)", "its shape \(shape) is too large for an attribute")
    }
    switch element {
    case .scalar(let scalar, _):
      if scalar.isFloat {
        var values = [Double](repeating: 0, count: count)
        if count > 0 {
          let memory = HDF5ScalarType.float64.makeType()
          try context.check(H5Aread(attribute, memory.id, &values), "read the attribute \(name)")
        }
        return .reals(values, shape: shape)
      }
      var values = [Int64](repeating: 0, count: count)
      if count > 0 {
        let base = H5Tget_class(type.id) == H5T_ENUM
        let memory = base ? HDF5Handle(H5Tcopy(type.id)) { H5Tclose($0) } : HDF5ScalarType.int64.makeType()
        if base {
          // Enumerations (h5py's booleans) are one byte each.
          guard scalar.size == 1 else { return .other("enumeration") }
          var bytes = [Int8](repeating: 0, count: count)
          try context.check(H5Aread(attribute, memory.id, &bytes), "read the attribute \(name)")
          values = bytes.map(Int64.init)
        } else {
          try context.check(H5Aread(attribute, memory.id, &values), "read the attribute \(name)")
        }
      }
      return .integers(values, shape: shape)
    case .fixedString(let length):
      guard count > 0 else { return .strings([], shape: shape) }
      var bytes = [UInt8](repeating: 0, count: count * length)
      let memory = HDF5Handle(H5Tcopy(type.id)) { H5Tclose($0) }
      try context.check(H5Aread(attribute, memory.id, &bytes), "read the attribute \(name)")
      return .strings(splitFixedStrings(bytes, length: length), shape: shape)
    case .variableString:
      guard count > 0 else { return .strings([], shape: shape) }
      var pointers = [UnsafeMutablePointer<CChar>?](repeating: nil, count: count)
      let memory = HDF5Handle(H5Tcopy(type.id)) { H5Tclose($0) }
      try context.check(H5Aread(attribute, memory.id, &pointers), "read the attribute \(name)")
      defer { H5Dvlen_reclaim(memory.id, space.id, palimpsest_h5p_default(), &pointers) }
      return .strings(pointers.map { $0.map { String(cString: $0) } ?? "" }, shape: shape)
    case .other(let kind):
      return .other(kind)
    }
  }

  /// Sets an attribute; one of the same name is replaced. Strings are of variable length and UTF-8, which h5py
  /// reads as `str`. Integers are 64-bit, reals 64-bit.
  public func setAttribute(_ name: String, of object: String, to value: HDF5Attribute) throws {
    let context = context(object)
    let operation = "write the attribute \(name)"
    try HDF5Library.locked {
      guard let handle = try openObject(object) else { throw context.error(operation, "no such object") }
      if try context.check(H5Aexists(handle.id, name), operation) > 0 {
        try context.check(H5Adelete(handle.id, name), operation)
      }
      func write(_ type: HDF5Handle, _ shape: [Int], _ buffer: UnsafeRawPointer?) throws {
        let space = try context.dataspace(shape)
        let id = try context.check(
          H5Acreate2(handle.id, name, type.id, space.id, palimpsest_h5p_default(), palimpsest_h5p_default()), operation)
        defer { H5Aclose(id) }
        if let buffer, DeclaredSize.product(shape) ?? 0 > 0 {
          try context.check(H5Awrite(id, type.id, buffer), operation)
        }
      }
      switch value {
      case .integers(let values, let shape):
        guard DeclaredSize.product(shape) == values.count else {
          throw context.error(operation, "shape and count differ")
        }
        let type = HDF5ScalarType.int64.makeType()
        try values.withUnsafeBytes { try write(type, shape, $0.baseAddress) }
      case .reals(let values, let shape):
        guard DeclaredSize.product(shape) == values.count else {
          throw context.error(operation, "shape and count differ")
        }
        let type = HDF5ScalarType.float64.makeType()
        try values.withUnsafeBytes { try write(type, shape, $0.baseAddress) }
      case .strings(let values, let shape):
        guard DeclaredSize.product(shape) == values.count else {
          throw context.error(operation, "shape and count differ")
        }
        let type = try context.stringType(bytes: nil)
        // One run of memory for all strings, and pointers into it.
        var storage: [CChar] = []
        var offsets: [Int] = []
        for value in values {
          offsets.append(storage.count)
          storage.append(contentsOf: value.utf8.filter { $0 != 0 }.map { CChar(bitPattern: $0) })
          storage.append(0)
        }
        try storage.withUnsafeBufferPointer { storage in
          let table = offsets.map { offset in storage.baseAddress?.advanced(by: offset) }
          try table.withUnsafeBytes { try write(type, shape, $0.baseAddress) }
        }
      case .other(let kind):
        throw context.error(operation, "values of kind \(kind) cannot be written")
      }
    }
  }
}

/// Strings of `length` bytes each, without the zeros behind them; what is not UTF-8 becomes U+FFFD.
func splitFixedStrings(_ bytes: [UInt8], length: Int) -> [String] {
  guard length > 0 else { return [] }
  return stride(from: 0, to: bytes.count, by: length).map { start in
    String(decoding: bytes[start..<min(start + length, bytes.count)].prefix { $0 != 0 }, as: UTF8.self)
  }
}

extension HDF5Context {
  /// Dimensions of a dataspace; `[]` for a scalar. Call it with the lock held.
  func shape(of space: hid_t) throws -> [Int] {
    let rank = Int(try check(H5Sget_simple_extent_ndims(space), "read the shape"))
    guard rank > 0 else { return [] }
    var lengths = [hsize_t](repeating: 0, count: rank)
    try check(H5Sget_simple_extent_dims(space, &lengths, nil), "read the shape")
    return try lengths.map {
      guard let length = Int(exactly: $0) else { throw error("read the shape", "a dimension is \($0)") }
      return length
    }
  }

  /// A dataspace of fixed shape; `[]` makes a scalar. Call it with the lock held.
  func dataspace(_ shape: [Int]) throws -> HDF5Handle {
    guard DeclaredSize.product(shape) != nil else {
      throw error("make a dataspace", "the shape \(shape) is not possible")
    }
    let id: hid_t
    if shape.isEmpty {
      id = H5Screate(H5S_SCALAR)
    } else {
      let lengths = shape.map { hsize_t($0) }
      id = H5Screate_simple(Int32(shape.count), lengths, nil)
    }
    return HDF5Handle(try check(id, "make a dataspace of shape \(shape)")) { H5Sclose($0) }
  }

  /// UTF-8 strings of a number of bytes padded with zeros, or of variable length. Call it with the lock held.
  func stringType(bytes: Int?) throws -> HDF5Handle {
    let type = HDF5Handle(try check(H5Tcopy(palimpsest_h5t_c_string()), "make a string type")) { H5Tclose($0) }
    try check(H5Tset_size(type.id, bytes.map { max(1, $0) } ?? palimpsest_h5t_variable()), "make a string type")
    try check(H5Tset_cset(type.id, H5T_CSET_UTF8), "make a string type")
    if bytes != nil { try check(H5Tset_strpad(type.id, H5T_STR_NULLPAD), "make a string type") }
    return type
  }
}
