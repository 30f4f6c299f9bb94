import CHDF5

/// What of a dataset is really there: its bytes on the disk against the sizes it declares, and the rows that were written.
extension HDF5Dataset {
  /// Bytes that are always allowed, whatever the file's size: chunks that nobody wrote read as the fill value.
  private static let harmlessBytes = 1 << 20

  /// How many bytes a byte on the disk can stand for, at most, by the filters.
  private static func mostExpansion(_ filters: [Int]) -> Int {
    DeclaredSize.clampedProduct(
      filters.map { filter in
        switch filter {
        case 2, 3: 1  // shuffle, Fletcher-32
        case 1: 1100  // deflate: 1032
        case 32000: 100  // LZF: 264 bytes for 3
        default: 1 << 24
        }
      })
  }

  /// The most bytes of elements that what lies on the disk can hold.
  private func mostStoredBytes() throws -> Int {
    if let heldBySources { return heldBySources }
    return try HDF5Library.locked {
      let file = HDF5Handle(try context.check(H5Iget_file_id(handle.id), "find its file")) { H5Fclose($0) }
      var size: hsize_t = 0
      try context.check(H5Fget_filesize(file.id, &size), "measure its file")
      return DeclaredSize.clampedProduct([Int(clamping: size), HDF5Dataset.mostExpansion(filters)])
    }
  }

  /// For a dataset that is virtual to count what its sources hold.
  func heldBytes() throws -> Int { try mostStoredBytes() }

  /// Holds a number of elements against what the file can hold, before memory is taken for them.
  ///
  /// - Throws: `HDF5Error` where a file says more than it has.
  func requireHeld(_ count: Int, _ operation: String) throws {
    let most = max(HDF5Dataset.harmlessBytes, try mostStoredBytes())
    guard let bytes = DeclaredSize.product([count, elementSize]), bytes <= most else {
      let declared =
        DeclaredSize.product([count, elementSize]).map { "\($0) bytes" } ?? "more bytes than can be counted"
      throw context.error(
        operation,
        "its shape \(shape) makes \(declared), but what lies on the disk holds at most \(most):"
          + " the file is damaged, or was never filled")
    }
  }

  /// Bytes of one row (all dimensions but the first) in memory, held against what the file can hold.
  ///
  /// - Throws: `HDF5Error` where a row holds nothing, or more than the file can.
  public func rowBytes() throws -> Int {
    let row = Array(shape.dropFirst())
    guard !shape.isEmpty, !row.contains(0) else { throw context.error("use its rows", "its shape is \(shape)") }
    guard let count = DeclaredSize.product(row), let bytes = DeclaredSize.product([count, elementSize]) else {
      throw context.error("use its rows", "its shape \(shape) makes rows of more bytes than can be counted")
    }
    try requireHeld(count, "use its rows")
    return bytes
  }

  /// The bytes of the value that stands for what was never written, as one element has them in the file.
  public func fillValue() throws -> [UInt8] {
    try HDF5Library.locked {
      let creation = HDF5Handle(try context.check(H5Dget_create_plist(handle.id), "read the fill value")) {
        H5Pclose($0)
      }
      let type = HDF5Handle(try context.check(H5Dget_type(handle.id), "read the type")) { H5Tclose($0) }
      var value = [UInt8](repeating: 0, count: max(elementSize, H5Tget_size(type.id)))
      var state = H5D_FILL_VALUE_UNDEFINED
      try context.check(H5Pfill_value_defined(creation.id, &state), "read the fill value")
      if state == H5D_FILL_VALUE_USER_DEFINED {
        try context.check(H5Pget_fill_value(creation.id, type.id, &value), "read the fill value")
      }
      return Array(value.prefix(elementSize))
    }
  }

  /// Rows (indices of the first dimension) of which something was never written, as HDF5 knows it: chunks that are not
  /// there, data without an address. Sources of virtual datasets were looked at when it was opened.
  public func unwrittenRows() throws -> [Range<Int>] {
    guard let rows = shape.first, rows > 0, !shape.contains(0) else { return [] }
    switch layout {
    case .compact, .virtual, .other: return []
    case .contiguous: return try isAllocated() ? [] : [0..<rows]
    case .chunked(let chunk):
      guard chunk.allSatisfy({ $0 > 0 }) else { return [] }
      let along = zip(shape, chunk).map { $0 / $1 + ($0 % $1 == 0 ? 0 : 1) }
      let present = try chunkCount()
      if present == 0 { return [0..<rows] }
      if present == DeclaredSize.product(along) { return [] }
      return try rowsLackingChunks(chunk, along)
    }
  }

  private func isAllocated() throws -> Bool {
    try HDF5Library.locked {
      var status = H5D_SPACE_STATUS_ERROR
      try context.check(H5Dget_space_status(handle.id, &status), "look whether it was written")
      return status != H5D_SPACE_STATUS_NOT_ALLOCATED
    }
  }

  private func chunkCount() throws -> Int {
    try HDF5Library.locked {
      let space = HDF5Handle(try context.check(H5Dget_space(handle.id), "read the shape")) { H5Sclose($0) }
      var count: hsize_t = 0
      try context.check(H5Dget_num_chunks(handle.id, space.id, &count), "count its chunks")
      return Int(clamping: count)
    }
  }

  /// Looks every chunk up, up to the first that is missing among those of a row.
  private func rowsLackingChunks(_ chunk: [Int], _ along: [Int]) throws -> [Range<Int>] {
    var missing: [Range<Int>] = []
    for first in 0..<along[0] {
      var position = [Int](repeating: 0, count: along.count)
      position[0] = first
      var isWhole = true
      search: while isWhole {
        isWhole = try chunkStorageSize(at: zip(position, chunk).map { $0 * $1 }) > 0
        for dimension in position.indices.dropFirst().reversed() {
          position[dimension] += 1
          if position[dimension] < along[dimension] { continue search }
          position[dimension] = 0
        }
        break
      }
      guard !isWhole else { continue }
      let rows = first * chunk[0]..<min(shape[0], (first + 1) * chunk[0])
      if let last = missing.last, last.upperBound == rows.lowerBound {
        missing[missing.count - 1] = last.lowerBound..<rows.upperBound
      } else {
        missing.append(rows)
      }
    }
    return missing
  }

  /// Refuses data that lie as plain bytes in another file, which could be any file of the user's.
  /// Call it with the lock held.
  static func refuseExternalStorage(_ creation: hid_t, _ context: HDF5Context) throws {
    let count = H5Pget_external_count(creation)
    H5Eclear2(palimpsest_h5e_default())
    guard count > 0 else { return }
    var name = [CChar](repeating: 0, count: 4097)
    var offset: off_t = 0
    var size: hsize_t = 0
    try context.check(
      H5Pget_external(creation, 0, name.count - 1, &name, &offset, &size), "read where its data lie")
    let text = String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    throw context.error(
      "open the dataset",
      "its data lie as plain bytes in another file, \(text) (HDF5's external storage), which is never read;"
        + " copy them into this file")
  }
}

extension HDF5Context {
  /// Which open file of libhdf5 an object lies in, and where: what tells objects apart. Call it with the lock held.
  func place(of object: hid_t) throws -> VirtualResolution.Place {
    var file: UInt = 0
    var address: haddr_t = 0
    try check(palimpsest_h5o_place(object, &file, &address), "find its file")
    return VirtualResolution.Place(file: file, address: UInt64(address))
  }

  /// Path of the file that an object lies in. Call it with the lock held.
  func containingFile(of object: hid_t) throws -> String {
    try text { H5Fget_name(object, $0, $1) }
  }

  /// A text of libhdf5 that a function writes into a buffer, returning its length. Call it with the lock held.
  func text(_ read: (UnsafeMutablePointer<CChar>?, Int) -> Int) throws -> String {
    let length = try check(read(nil, 0), "read a name")
    guard length < 1 << 20 else { throw error("read a name", "it has \(length) bytes") }
    var bytes = [CChar](repeating: 0, count: length + 1)
    try check(read(&bytes, bytes.count), "read a name")
    return String(decoding: bytes.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }
}
