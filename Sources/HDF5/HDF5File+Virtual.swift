import CHDF5

extension HDF5File {
  /// Rows of another file's dataset that a virtual dataset shows.
  public struct VirtualPart: Sendable {
    /// As it is written into the file: relative names are looked up from the file's own folder.
    public let file: String
    /// How many rows it has; they follow those of the part before it.
    public let rows: Int

    public init(file: String, rows: Int) {
      self.file = file
      self.rows = rows
    }
  }

  /// Makes a dataset that shows the rows of datasets of the same path in other files, one after the other, with the groups above it.
  ///
  /// - Parameters:
  ///   - rowShape: of one row; empty where each row is one number.
  ///   - isFilledWithNaN: what HDF5 gives for rows whose file is not there: NaN of floating-point numbers, else 0.
  /// - Throws: `HDF5Error`.
  public func createVirtualDataset(
    _ path: String, _ scalar: HDF5ScalarType, rowShape: [Int], of parts: [VirtualPart], isFilledWithNaN: Bool
  ) throws {
    let context = context(path)
    let operation = "create the virtual dataset"
    try HDF5Library.locked {
      let type = scalar.makeType()
      let creation = try context.propertyList(palimpsest_h5p_dataset_create())
      try context.check(H5Pset_obj_track_times(creation.id, false), operation)
      try context.check(H5Pset_attr_creation_order(creation.id, trackedOrder), operation)
      let total = parts.reduce(0) { $0 + $1.rows }
      let space = try context.dataspace([total] + rowShape)
      var first = 0
      for part in parts {
        let source = try context.dataspace([part.rows] + rowShape)
        let start = [hsize_t(first)] + rowShape.map { _ in hsize_t(0) }
        let count = ([part.rows] + rowShape).map { hsize_t($0) }
        try context.check(H5Sselect_hyperslab(space.id, H5S_SELECT_SET, start, nil, count, nil), operation)
        // A percent sign stands for a number in these names, unless it is doubled.
        let name = part.file.split(separator: "%", omittingEmptySubsequences: false).joined(separator: "%%")
        let dataset = path.split(separator: "%", omittingEmptySubsequences: false).joined(separator: "%%")
        try context.check(H5Pset_virtual(creation.id, space.id, name, dataset, source.id), operation)
        first += part.rows
      }
      try context.check(H5Sselect_all(space.id), operation)
      if isFilledWithNaN {
        var value = Float.nan
        let floats = HDF5ScalarType.float32.makeType()
        try context.check(H5Pset_fill_value(creation.id, floats.id, &value), operation)
      }
      let links = try context.propertyList(palimpsest_h5p_link_create())
      try context.check(H5Pset_create_intermediate_group(links.id, 1), operation)
      let id = try context.check(
        H5Dcreate2(handle.id, path, type.id, space.id, links.id, creation.id, palimpsest_h5p_default()), operation)
      H5Dclose(id)
    }
  }
}
