import CHDF5

/// An open dataset. Shapes and offsets are in elements, slowest dimension first.
public final class HDF5Dataset: Sendable {
  /// How the raw data lie in the file.
  public enum Layout: Sendable, Equatable {
    case compact, contiguous, other
    case chunked([Int])
    /// Made of parts of other datasets, in this file or others.
    case virtual
  }

  public let file: HDF5File
  public let path: String
  public let shape: [Int]
  public let elementType: HDF5ElementType
  public let layout: Layout
  /// Numbers of the filters chunks pass through, in the order of writing: 1 deflate, 2 shuffle, 32000 LZF.
  public let filters: [Int]
  /// Whether it lies in the file that was opened, and not in another one behind an external link. Only then do offsets of its
  /// data mean anything in that file.
  public let isInOpenedFile: Bool
  /// The file it lies in.
  public let containingFile: String
  /// The datasets that a virtual one is made of, those of virtual ones among them included; empty of others.
  public let sources: [Source]
  /// The source at which a virtual dataset whose sources are numbered (`%b`) ends, because it is not there; nil of others.
  public let endsBefore: Source?
  /// The most bytes of elements that the sources of a virtual dataset can hold; nil of others.
  let heldBySources: Int?
  let handle: HDF5Handle

  /// A dataset that a virtual one takes elements from.
  public struct Source: Sendable, Hashable {
    public let file: String
    public let path: String
  }

  var context: HDF5Context { HDF5Context(file: file.path, object: path) }

  /// Bytes of one element as it is stored.
  public var elementSize: Int {
    switch elementType {
    case .scalar(let type, _): type.size
    case .fixedString(let bytes): bytes
    case .variableString, .other: 16
    }
  }

  /// How a new dataset is laid out.
  public struct Options: Sendable {
    public var layout: Layout
    public var shuffle: Bool
    public var deflateLevel: Int?
    /// Space for all data is taken when the dataset is made, and left as the file system gives it (zeros).
    public var allocateEarly: Bool

    public init(
      layout: Layout = .contiguous, shuffle: Bool = false, deflateLevel: Int? = nil, allocateEarly: Bool = false
    ) {
      self.layout = layout
      self.shuffle = shuffle
      self.deflateLevel = deflateLevel
      self.allocateEarly = allocateEarly
    }
  }

  /// What a new dataset holds.
  public enum Content: Sendable {
    case scalar(HDF5ScalarType)
    /// UTF-8 strings of at most that many bytes.
    case fixedString(bytes: Int)
    case variableString
  }

  /// Takes over an open identifier. Call it with the lock held.
  init(file: HDF5File, path: String, handle: HDF5Handle, resolution: VirtualResolution = VirtualResolution()) throws {
    self.file = file
    self.path = path
    self.handle = handle
    let context = HDF5Context(file: file.path, object: path)
    let creation = HDF5Handle(
      try context.check(H5Dget_create_plist(handle.id), "read the layout")
    ) { H5Pclose($0) }
    try HDF5Dataset.refuseExternalStorage(creation.id, context)
    let place = try context.place(of: handle.id)
    let home = try context.place(of: file.handle.id)
    isInOpenedFile = place.file == home.file
    containingFile = try context.containingFile(of: handle.id)
    // Before anything asks for the shape of a virtual dataset, which opens its sources.
    let isVirtual = H5Pget_layout(creation.id) == H5D_VIRTUAL
    let mappings =
      try isVirtual
      ? resolution.mappings(of: creation.id, at: place, in: containingFile, openedAs: file, context) : nil
    let space = HDF5Handle(try context.check(H5Dget_space(handle.id), "read the shape")) { H5Sclose($0) }
    shape = H5Sget_simple_extent_type(space.id) == H5S_NULL ? [0] : try context.shape(of: space.id)
    guard DeclaredSize.product(shape) != nil else {
      throw context.error("open the dataset", "its shape \(shape) is not possible")
    }
    let type = HDF5Handle(try context.check(H5Dget_type(handle.id), "read the type")) { H5Tclose($0) }
    elementType = HDF5ElementType(type: type.id)
    switch H5Pget_layout(creation.id) {
    case H5D_COMPACT: layout = .compact
    case H5D_CONTIGUOUS: layout = .contiguous
    case H5D_VIRTUAL: layout = .virtual
    case H5D_CHUNKED:
      var lengths = [hsize_t](repeating: 0, count: shape.count)
      try context.check(H5Pget_chunk(creation.id, Int32(shape.count), &lengths), "read the chunk shape")
      layout = .chunked(lengths.map { Int(clamping: $0) })
    default: layout = .other
    }
    let count = try context.check(H5Pget_nfilters(creation.id), "read the filters")
    filters = try (0..<UInt32(count)).map { position in
      var flags: UInt32 = 0
      var parameters = 0
      return Int(
        try context.check(
          H5Pget_filter2(creation.id, position, &flags, &parameters, nil, 0, nil, nil), "read the filters"))
    }
    sources = mappings?.sources ?? []
    endsBefore = mappings?.endsBefore
    heldBySources = mappings?.heldBytes
    try mappings?.requireCovering(shape, elementType, context)
  }

  // MARK: Data

  /// Reads a block of numbers, converted to `type`, in row-major order.
  ///
  /// - Parameters:
  ///   - buffer: exactly `count`'s product of elements of `type`.
  ///   - start: first index in every dimension; nil means the whole dataset.
  public func read(
    into buffer: UnsafeMutableRawBufferPointer, as type: HDF5ScalarType, start: [Int]? = nil, count: [Int]? = nil
  ) throws {
    let (start, count) = try checkedBlock(start, count, bytes: buffer.count, elementSize: type.size, "read")
    guard let base = buffer.baseAddress, !buffer.isEmpty else { return }
    guard case .scalar = elementType else { throw context.error("read", "it holds \(elementType), not numbers") }
    try HDF5Library.locked {
      let (memory, space) = try spaces(start, count)
      let memoryType = type.makeType()
      try context.check(
        H5Dread(handle.id, memoryType.id, memory.id, space.id, palimpsest_h5p_default(), base), "read")
    }
  }

  /// Reads numbers as an array, in row-major order.
  public func read<Scalar: HDF5Scalar>(_ type: Scalar.Type = Scalar.self, start: [Int]? = nil, count: [Int]? = nil)
    throws
    -> [Scalar]
  {
    guard let total = DeclaredSize.product(count ?? shape) else {
      throw context.error("read", "the shape \(count ?? shape) is not possible")
    }
    try requireHeld(total, "read")
    return try withUnsafeTemporaryBuffer(count: total) { (buffer: UnsafeMutableBufferPointer<Scalar>) in
      try read(into: UnsafeMutableRawBufferPointer(buffer), as: Scalar.hdf5Type, start: start, count: count)
    }
  }

  private func withUnsafeTemporaryBuffer<Scalar: HDF5Scalar>(
    count: Int, _ fill: (UnsafeMutableBufferPointer<Scalar>) throws -> Void
  ) throws -> [Scalar] {
    try [Scalar](unsafeUninitializedCapacity: count) { buffer, initialized in
      try fill(UnsafeMutableBufferPointer(rebasing: buffer[0..<count]))
      initialized = count
    }
  }

  /// Writes a block of numbers given in row-major order.
  public func write(
    _ buffer: UnsafeRawBufferPointer, as type: HDF5ScalarType, start: [Int]? = nil, count: [Int]? = nil
  ) throws {
    let (start, count) = try checkedBlock(start, count, bytes: buffer.count, elementSize: type.size, "write")
    guard let base = buffer.baseAddress, !buffer.isEmpty else { return }
    try HDF5Library.locked {
      let (memory, space) = try spaces(start, count)
      let memoryType = type.makeType()
      try context.check(
        H5Dwrite(handle.id, memoryType.id, memory.id, space.id, palimpsest_h5p_default(), base), "write")
    }
  }

  /// Writes an array of numbers given in row-major order.
  public func write<Scalar: HDF5Scalar>(_ values: [Scalar], start: [Int]? = nil, count: [Int]? = nil) throws {
    try values.withUnsafeBytes { try write($0, as: Scalar.hdf5Type, start: start, count: count) }
  }

  /// Checks a block against the shape and the buffer before anything is read or allocated.
  private func checkedBlock(
    _ start: [Int]?, _ count: [Int]?, bytes: Int, elementSize: Int, _ operation: String
  ) throws -> (start: [Int], count: [Int]) {
    let start = start ?? [Int](repeating: 0, count: shape.count)
    let count = count ?? shape
    guard start.count == shape.count, count.count == shape.count,
      zip(zip(start, count), shape).allSatisfy({ $0.0 >= 0 && $0.1 >= 0 && $0.0 <= $1 && $0.1 <= $1 - $0.0 })
    else { throw context.error(operation, "the block at \(start) of \(count) is outside the shape \(shape)") }
    guard let total = DeclaredSize.product(count), total.multipliedReportingOverflow(by: elementSize) == (bytes, false)
    else {
      throw context.error(operation, "a block of \(count) does not fill a buffer of \(bytes) bytes")
    }
    return (start, count)
  }

  /// Memory and file dataspaces of a block. Call it with the lock held.
  func spaces(_ start: [Int], _ count: [Int]) throws -> (memory: HDF5Handle, file: HDF5Handle) {
    let space = HDF5Handle(try context.check(H5Dget_space(handle.id), "read the shape")) { H5Sclose($0) }
    if !start.isEmpty {
      let first = start.map { hsize_t($0) }
      let lengths = count.map { hsize_t($0) }
      try context.check(H5Sselect_hyperslab(space.id, H5S_SELECT_SET, first, nil, lengths, nil), "select a block")
    }
    return (try context.dataspace(count), space)
  }
}

extension HDF5File {
  /// Opens a dataset.
  ///
  /// - Parameter cacheBytes: the most memory for decompressed chunks of this dataset. libhdf5's own default of 1 MB
  ///   is less than one chunk of most feature stores, which makes reading crawl.
  public func dataset(_ path: String, cacheBytes: Int = 16 << 20) throws -> HDF5Dataset {
    try dataset(path, cacheBytes: cacheBytes, resolution: VirtualResolution())
  }

  /// Opens a dataset, perhaps as a source of virtual ones.
  func dataset(_ path: String, cacheBytes: Int = 16 << 20, resolution: VirtualResolution) throws -> HDF5Dataset {
    let context = context(path)
    return try HDF5Library.locked {
      guard try follow(path) else { throw context.error("open the dataset", "no such dataset") }
      let access = try context.propertyList(palimpsest_h5p_dataset_access())
      // A prime number of slots; chunks read in full are dropped first.
      try context.check(H5Pset_chunk_cache(access.id, 12421, cacheBytes, 1), "set the chunk cache")
      let id = try context.check(H5Dopen2(handle.id, path, access.id), "open the dataset")
      return try HDF5Dataset(
        file: self, path: path, handle: HDF5Handle(id) { H5Dclose($0) }, resolution: resolution)
    }
  }

  /// Makes a dataset of fixed shape, with the groups above it.
  @discardableResult
  public func createDataset(
    _ path: String, _ content: HDF5Dataset.Content, shape: [Int],
    options: HDF5Dataset.Options = HDF5Dataset.Options()
  ) throws -> HDF5Dataset {
    let context = context(path)
    let operation = "create the dataset"
    return try HDF5Library.locked {
      let type: HDF5Handle
      switch content {
      case .scalar(let scalar): type = scalar.makeType()
      case .fixedString(let bytes): type = try context.stringType(bytes: bytes)
      case .variableString: type = try context.stringType(bytes: nil)
      }
      let creation = try context.propertyList(palimpsest_h5p_dataset_create())
      try context.check(H5Pset_obj_track_times(creation.id, false), operation)
      try context.check(H5Pset_attr_creation_order(creation.id, trackedOrder), operation)
      switch options.layout {
      case .compact: try context.check(H5Pset_layout(creation.id, H5D_COMPACT), operation)
      case .contiguous, .virtual, .other: try context.check(H5Pset_layout(creation.id, H5D_CONTIGUOUS), operation)
      case .chunked(let lengths):
        guard lengths.count == shape.count, lengths.allSatisfy({ $0 > 0 }) else {
          throw context.error(operation, "chunks of \(lengths) do not fit the shape \(shape)")
        }
        try context.check(H5Pset_chunk(creation.id, Int32(lengths.count), lengths.map { hsize_t($0) }), operation)
      }
      if options.shuffle { try context.check(H5Pset_shuffle(creation.id), operation) }
      if let level = options.deflateLevel { try context.check(H5Pset_deflate(creation.id, UInt32(level)), operation) }
      if options.allocateEarly {
        try context.check(H5Pset_alloc_time(creation.id, H5D_ALLOC_TIME_EARLY), operation)
        try context.check(H5Pset_fill_time(creation.id, H5D_FILL_TIME_NEVER), operation)
      }
      let links = try context.propertyList(palimpsest_h5p_link_create())
      try context.check(H5Pset_create_intermediate_group(links.id, 1), operation)
      let space = try context.dataspace(shape)
      let id = try context.check(
        H5Dcreate2(handle.id, path, type.id, space.id, links.id, creation.id, palimpsest_h5p_default()), operation)
      return try HDF5Dataset(file: self, path: path, handle: HDF5Handle(id) { H5Dclose($0) })
    }
  }
}
