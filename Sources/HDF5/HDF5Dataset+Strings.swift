import CHDF5

extension HDF5Dataset {
  /// Reads a one-dimensional run of strings, fixed or variable; all of them by default.
  public func readStrings(_ range: Range<Int>? = nil) throws -> [String] {
    guard shape.count == 1 else { throw context.error("read the strings", "its shape is \(shape), expected [N]") }
    let range = range ?? 0..<shape[0]
    guard range.lowerBound >= 0, range.upperBound <= shape[0] else {
      throw context.error("read the strings", "the range \(range) is outside the shape \(shape)")
    }
    guard !range.isEmpty else { return [] }
    let count = range.count
    try requireHeld(count, "read the strings")
    switch elementType {
    case .fixedString(let length):
      var bytes = [UInt8](repeating: 0, count: count * length)
      try HDF5Library.locked {
        let (memory, space) = try spaces([range.lowerBound], [count])
        let type = HDF5Handle(try context.check(H5Dget_type(handle.id), "read the type")) { H5Tclose($0) }
        try context.check(
          H5Dread(handle.id, type.id, memory.id, space.id, palimpsest_h5p_default(), &bytes), "read the strings")
      }
      return splitFixedStrings(bytes, length: length)
    case .variableString:
      return try HDF5Library.locked {
        let (memory, space) = try spaces([range.lowerBound], [count])
        let type = HDF5Handle(try context.check(H5Dget_type(handle.id), "read the type")) { H5Tclose($0) }
        var pointers = [UnsafeMutablePointer<CChar>?](repeating: nil, count: count)
        try context.check(
          H5Dread(handle.id, type.id, memory.id, space.id, palimpsest_h5p_default(), &pointers), "read the strings")
        defer { H5Dvlen_reclaim(type.id, memory.id, palimpsest_h5p_default(), &pointers) }
        return pointers.map { $0.map { String(cString: $0) } ?? "" }
      }
    default:
      throw context.error("read the strings", "it holds \(elementType), not strings")
    }
  }

  /// Reads a one-dimensional dataset of fixed strings as its bytes, padding included.
  public func readStringBytes() throws -> [UInt8] {
    guard case .fixedString(let length) = elementType, shape.count == 1, shape[0] <= (1 << 33) / max(1, length) else {
      throw context.error("read the strings", "it holds \(elementType) of shape \(shape), not fixed strings [N]")
    }
    try requireHeld(shape[0], "read the strings")
    var bytes = [UInt8](repeating: 0, count: shape[0] * length)
    guard !bytes.isEmpty else { return [] }
    try HDF5Library.locked {
      let (memory, space) = try spaces([0], shape)
      let type = HDF5Handle(try context.check(H5Dget_type(handle.id), "read the type")) { H5Tclose($0) }
      try context.check(
        H5Dread(handle.id, type.id, memory.id, space.id, palimpsest_h5p_default(), &bytes), "read the strings")
    }
    return bytes
  }

  /// Writes strings into a one-dimensional dataset of strings, from `start` on.
  ///
  /// - Throws: `HDF5Error` where a string is longer than the dataset's fixed length.
  public func writeStrings(_ values: [String], start: Int = 0) throws {
    guard shape.count == 1, start >= 0, values.count <= shape[0] - start else {
      throw context.error("write the strings", "\(values.count) strings from \(start) do not fit the shape \(shape)")
    }
    guard !values.isEmpty else { return }
    let operation = "write the strings"
    switch elementType {
    case .fixedString(let length):
      var bytes = [UInt8](repeating: 0, count: values.count * length)
      for (index, value) in values.enumerated() {
        let text = Array(value.utf8)
        guard text.count <= length else {
          throw context.error(operation, "'\(value)' is longer than \(length) bytes")
        }
        bytes.replaceSubrange(index * length..<index * length + text.count, with: text)
      }
      try HDF5Library.locked {
        let (memory, space) = try spaces([start], [values.count])
        let type = try context.stringType(bytes: length)
        try context.check(
          H5Dwrite(handle.id, type.id, memory.id, space.id, palimpsest_h5p_default(), bytes), operation)
      }
    case .variableString:
      var storage: [CChar] = []
      var offsets: [Int] = []
      for value in values {
        offsets.append(storage.count)
        storage.append(contentsOf: value.utf8.filter { $0 != 0 }.map { CChar(bitPattern: $0) })
        storage.append(0)
      }
      try HDF5Library.locked {
        let (memory, space) = try spaces([start], [values.count])
        let type = try context.stringType(bytes: nil)
        try storage.withUnsafeBufferPointer { storage in
          let table = offsets.map { offset in storage.baseAddress?.advanced(by: offset) }
          _ = try table.withUnsafeBytes {
            try context.check(
              H5Dwrite(handle.id, type.id, memory.id, space.id, palimpsest_h5p_default(), $0.baseAddress), operation)
          }
        }
      }
    default:
      throw context.error(operation, "it holds \(elementType), not strings")
    }
  }
}
