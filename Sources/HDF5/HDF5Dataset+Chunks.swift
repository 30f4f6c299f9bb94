import CHDF5

/// Chunks and raw data as they lie in the file, past filters and conversions.
extension HDF5Dataset {
  /// Where a piece of raw data lies.
  public struct Extent: Sendable, Equatable {
    /// Byte offset in the file (without a user block).
    public let address: Int
    public let size: Int
    /// Bits of the filters that were left out for this chunk.
    public let filterMask: UInt32
  }

  /// Where the data of a contiguous dataset lie in the file that was opened; nil where nothing is allocated yet, or where
  /// the dataset lies in another file, behind an external link.
  public func contiguousExtent() throws -> Extent? {
    guard layout == .contiguous, let count = DeclaredSize.product(shape) else {
      throw context.error("locate the data", "its layout is not contiguous")
    }
    guard isInOpenedFile else { return nil }
    return HDF5Library.locked {
      let address = H5Dget_offset(handle.id)
      H5Eclear2(palimpsest_h5e_default())
      guard address != palimpsest_haddr_undefined(), let offset = Int(exactly: address) else { return nil }
      return Extent(address: offset, size: count * elementSize, filterMask: 0)
    }
  }

  /// Where the chunk that begins at the element `offset` lies in the file that was opened; nil where it was never written,
  /// or where the dataset lies in another file.
  ///
  /// libhdf5 1.10 walks its index to find a chunk: the cost grows with the number of chunks before it.
  public func chunkExtent(at offset: [Int]) throws -> Extent? {
    try checkChunk(offset)
    guard isInOpenedFile else { return nil }
    return try HDF5Library.locked {
      var mask: UInt32 = 0
      var address: haddr_t = 0
      var size: hsize_t = 0
      try context.check(
        H5Dget_chunk_info_by_coord(handle.id, offset.map { hsize_t($0) }, &mask, &address, &size), "locate a chunk")
      guard address != palimpsest_haddr_undefined(), size > 0, let position = Int(exactly: address),
        let length = Int(exactly: size)
      else { return nil }
      return Extent(address: position, size: length, filterMask: mask)
    }
  }

  /// Whether chunks lie one behind the other without an index (fixed shape, allocated early, no filter).
  public func hasImplicitChunkIndex() -> Bool {
    guard case .chunked = layout, isInOpenedFile else { return false }
    return HDF5Library.locked {
      var kind = H5D_CHUNK_IDX_BTREE
      guard H5Dget_chunk_index_type(handle.id, &kind) >= 0 else {
        H5Eclear2(palimpsest_h5e_default())
        return false
      }
      return kind == H5D_CHUNK_IDX_NONE
    }
  }

  /// Bytes the chunk that begins at `offset` takes in the file; 0 where it was never written.
  public func chunkStorageSize(at offset: [Int]) throws -> Int {
    try checkChunk(offset)
    return try HDF5Library.locked {
      var size: hsize_t = 0
      if H5Dget_chunk_storage_size(handle.id, offset.map { hsize_t($0) }, &size) < 0 {
        let reason = HDF5Library.takeReason()
        if reason.contains("not allocated") || reason.contains("chunk address isn't defined") { return 0 }
        throw context.error("look up a chunk", reason)
      }
      return Int(clamping: size)
    }
  }

  /// Reads a chunk as it lies in the file, into at least `chunkStorageSize(at:)` bytes; returns its filter mask.
  @discardableResult
  public func readChunk(at offset: [Int], into buffer: UnsafeMutableRawBufferPointer) throws -> UInt32 {
    let size = try chunkStorageSize(at: offset)
    guard size > 0, size <= buffer.count, let base = buffer.baseAddress else {
      throw context.error("read a chunk", "it has \(size) bytes, the buffer \(buffer.count)")
    }
    return try HDF5Library.locked {
      var mask: UInt32 = 0
      try context.check(
        H5Dread_chunk(handle.id, palimpsest_h5p_default(), offset.map { hsize_t($0) }, &mask, base), "read a chunk")
      return mask
    }
  }

  /// Writes a chunk that has been through the filters already.
  public func writeChunk(at offset: [Int], _ bytes: UnsafeRawBufferPointer, filterMask: UInt32 = 0) throws {
    try checkChunk(offset)
    try HDF5Library.locked {
      _ = try context.check(
        H5Dwrite_chunk(
          handle.id, palimpsest_h5p_default(), filterMask, offset.map { hsize_t($0) }, bytes.count, bytes.baseAddress),
        "write a chunk")
    }
  }

  private func checkChunk(_ offset: [Int]) throws {
    guard case .chunked(let lengths) = layout, offset.count == shape.count,
      zip(zip(offset, lengths), shape).allSatisfy({ $0.0 >= 0 && $0.0 < $1 && $0.1 > 0 && $0.0 % $0.1 == 0 })
    else { throw context.error("use a chunk", "no chunk begins at \(offset) in the shape \(shape)") }
  }
}
