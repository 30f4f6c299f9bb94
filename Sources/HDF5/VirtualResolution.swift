import CHDF5

/// Looks at everything that virtual datasets are made of, before libhdf5 does: libhdf5 reads zeros where a source is not
/// there, and never returns from a dataset that is made of itself.
final class VirtualResolution {
  /// An object in an open file.
  struct Place: Hashable {
    let file: UInt
    let address: UInt64
  }

  /// What is known of a source.
  struct Checked {
    let source: HDF5Dataset.Source
    let shape: [Int]
    let elementType: HDF5ElementType
    let heldBytes: Int
    let sources: [HDF5Dataset.Source]
  }

  private static let mostLevels = 16
  /// More numbered sources than that are no list of shards.
  private static let mostBlocks = 1 << 20

  private var above: [Place] = []
  private var checked: [HDF5Dataset.Source: Checked] = [:]
  private var files: [String: HDF5File] = [:]

  /// Reads and checks the mappings of a virtual dataset: every source exists, can be read and was written.
  ///
  /// - Parameters:
  ///   - creation: the creation properties of the dataset.
  ///   - place: of the dataset.
  ///   - path: of the file it lies in.
  ///   - opened: the file through which it was opened.
  func mappings(
    of creation: hid_t, at place: Place, in path: String, openedAs opened: HDF5File, _ context: HDF5Context
  ) throws -> VirtualMappings {
    guard !above.contains(place) else { throw failure(context, "it is a virtual dataset that is made of itself") }
    guard above.count < VirtualResolution.mostLevels else {
      throw failure(context, "virtual datasets are made of one another, more than \(VirtualResolution.mostLevels) deep")
    }
    above.append(place)
    defer { above.removeLast() }
    files[opened.path] = opened
    var count = 0
    try context.check(H5Pget_virtual_count(creation, &count), "read its sources")
    var mappings = VirtualMappings()
    for index in 0..<count {
      let file = try context.text { H5Pget_virtual_filename(creation, index, $0, $1) }
      let dataset = try context.text { H5Pget_virtual_dsetname(creation, index, $0, $1) }
      let target = HDF5Handle(
        try context.check(H5Pget_virtual_vspace(creation, index), "read its sources")
      ) { H5Sclose($0) }
      let taken = HDF5Handle(
        try context.check(H5Pget_virtual_srcspace(creation, index), "read its sources")
      ) { H5Sclose($0) }
      let selection = try VirtualSelection(target, context)
      mappings.selections.append(selection)
      if selection.isUnlimited, file.contains("%b") || dataset.contains("%b") {
        try addNumbered(file, dataset, taken, from: path, to: &mappings, context)
      } else {
        let name = (VirtualResolution.numbered(file, nil), VirtualResolution.numbered(dataset, nil))
        guard let source = try source(name.0, name.1, from: path, context) else {
          throw failure(
            context, "its source \(name.1) in \(name.0) is not there; put the file back, or name the right one")
        }
        try add(source, taken, to: &mappings, context)
      }
    }
    return mappings
  }

  /// Sources with a number in their names, from 0 to the last that is there. libhdf5 ends the dataset at the first that is
  /// missing, so that nothing may come behind it.
  private func addNumbered(
    _ file: String, _ dataset: String, _ taken: HDF5Handle, from path: String, to mappings: inout VirtualMappings,
    _ context: HDF5Context
  ) throws {
    func name(_ block: Int) -> HDF5Dataset.Source {
      HDF5Dataset.Source(
        file: VirtualResolution.numbered(file, block), path: VirtualResolution.numbered(dataset, block))
    }
    for block in 0..<VirtualResolution.mostBlocks {
      let names = name(block)
      if let source = try source(names.file, names.path, from: path, context) {
        try add(source, taken, to: &mappings, context)
        continue
      }
      for later in block + 1...block + 16 {
        let next = name(later)
        guard try source(next.file, next.path, from: path, context) == nil else {
          throw failure(
            context, "its source \(names.path) in \(names.file) is not there, but \(next.path) in \(next.file) is")
        }
      }
      mappings.endsBefore = names
      return
    }
    throw failure(context, "it has more than \(VirtualResolution.mostBlocks) numbered sources")
  }

  private func add(
    _ source: Checked, _ taken: HDF5Handle, to mappings: inout VirtualMappings, _ context: HDF5Context
  ) throws {
    let rank = Int(H5Sget_simple_extent_ndims(taken.id))
    var low = [hsize_t](repeating: 0, count: max(1, rank))
    var high = [hsize_t](repeating: 0, count: max(1, rank))
    if rank > 0, H5Sget_select_npoints(taken.id) != 0, H5Sget_select_bounds(taken.id, &low, &high) >= 0 {
      let needed = high.map { Int(clamping: $0) }
      // An extent without an end follows the source.
      let fits =
        rank == source.shape.count
        && zip(needed, source.shape).allSatisfy { $0 < $1 || $0 >= Int.max - 1 }
      guard fits else {
        throw failure(
          context,
          "its source \(source.source.path) in \(source.source.file) has shape \(source.shape),"
            + " the mapping takes elements up to \(needed)")
      }
    }
    H5Eclear2(palimpsest_h5e_default())
    mappings.add(source)
  }

  /// A source, opened and looked at once; nil where there is none of the name.
  private func source(
    _ file: String, _ dataset: String, from path: String, _ context: HDF5Context
  ) throws -> Checked? {
    let found: String?
    do {
      found = file == "." ? path : try LinkedFiles.locate(file, from: path, variable: "HDF5_VDS_PREFIX")
    } catch let error as LinkedFiles.NotAFile {
      throw failure(context, "its source is \(error.description)")
    }
    guard let found else { return nil }
    let key = HDF5Dataset.Source(file: found, path: dataset)
    if let known = checked[key] { return known }
    do {
      let opened = try files[found] ?? HDF5File.open(found)
      files[found] = opened
      guard try opened.entry(at: dataset) == .dataset else { return nil }
      let source = try opened.dataset(dataset, resolution: self)
      if let filter = source.filters.first(where: { !HDF5Library.hasFilter($0) }) {
        throw failure(
          context,
          "its source \(dataset) in \(found) is compressed with \(filter == 32000 ? "LZF" : "filter \(filter)"), which"
            + " libhdf5 cannot read through a virtual dataset; write the source with compression='gzip'")
      }
      if let rows = try source.unwrittenRows().first {
        throw failure(
          context, "of its source \(dataset) in \(found) \(RowText.rows(rows)) were never written")
      }
      let result = Checked(
        source: key, shape: source.shape, elementType: source.elementType, heldBytes: try source.heldBytes(),
        sources: source.sources)
      checked[key] = result
      return result
    } catch let error as HDF5Error where error.file != context.file || error.object != context.object {
      throw failure(context, "its source: \(error)")
    }
  }

  private func failure(_ context: HDF5Context, _ reason: String) -> HDF5Error {
    context.error("open the dataset", reason)
  }

  /// A name with its number: `%b` is the block, `%%` a percent sign.
  static func numbered(_ name: String, _ block: Int?) -> String {
    var result = ""
    var rest = Substring(name)
    while let percent = rest.firstIndex(of: "%") {
      result += rest[..<percent]
      rest = rest[rest.index(after: percent)...]
      switch rest.first {
      case "b" where block != nil:
        result += "\(block ?? 0)"
        rest = rest.dropFirst()
      case "%":
        result += "%"
        rest = rest.dropFirst()
      default: result += "%"
      }
    }
    return result + rest
  }
}

/// Rows in words.
public enum RowText {
  /// `row 5`, `rows 5 to 7`.
  public static func rows(_ range: Range<Int>) -> String {
    range.count == 1 ? "row \(range.lowerBound)" : "rows \(range.lowerBound) to \(range.upperBound - 1)"
  }
}
