import CHDF5

/// Which elements of a virtual dataset one of its mappings fills.
struct VirtualSelection {
  /// Along one dimension: blocks of `block` elements, `stride` apart. `Int.max` stands for a count or block without an end.
  struct Along {
    let start: Int
    let stride: Int
    let count: Int
    let block: Int

    var isUnlimited: Bool { count == Int.max || block == Int.max }
    /// Whether it is one run of elements.
    var isRun: Bool { count == 1 || stride == block || block == Int.max }

    /// Where a run ends, in a dimension of a length.
    func end(_ length: Int) -> Int {
      if isUnlimited { return length }
      let (distance, isLong) = (count - 1).multipliedReportingOverflow(by: stride)
      let (end, isLonger) = DeclaredSize.clampedSum([start, block]).addingReportingOverflow(distance)
      return isLong || isLonger ? length : min(length, end)
    }
  }

  enum Kind {
    case none, all, points, irregular
    case regular([Along])
  }

  let kind: Kind
  let space: HDF5Handle

  var isUnlimited: Bool { if case .regular(let along) = kind { along.contains { $0.isUnlimited } } else { false } }

  /// Call it with the lock held.
  init(_ space: HDF5Handle, _ context: HDF5Context) throws {
    self.space = space
    switch H5Sget_select_type(space.id) {
    case H5S_SEL_NONE: kind = .none
    case H5S_SEL_ALL: kind = .all
    case H5S_SEL_POINTS: kind = .points
    default:
      guard H5Sis_regular_hyperslab(space.id) > 0 else {
        kind = .irregular
        return
      }
      let rank = max(0, Int(H5Sget_simple_extent_ndims(space.id)))
      let zeros = [hsize_t](repeating: 0, count: rank)
      var (start, stride, count, block) = (zeros, zeros, zeros, zeros)
      try context.check(H5Sget_regular_hyperslab(space.id, &start, &stride, &count, &block), "read its sources")
      kind = .regular(
        (0..<rank).map { dimension in
          Along(
            start: Int(clamping: start[dimension]), stride: Int(clamping: stride[dimension]),
            count: Int(clamping: count[dimension]), block: Int(clamping: block[dimension]))
        })
    }
  }
}

/// What a virtual dataset is made of.
struct VirtualMappings {
  var selections: [VirtualSelection] = []
  /// Each once, those of virtual sources included.
  private(set) var sources: [HDF5Dataset.Source] = []
  private(set) var heldBytes = 0
  /// The first numbered source that is not there.
  var endsBefore: HDF5Dataset.Source?
  private var types: [(source: HDF5Dataset.Source, type: HDF5ElementType)] = []
  private var known = Set<HDF5Dataset.Source>()

  /// The most runs of rows, or selections of other kinds, that are put together to look for gaps.
  private static let (mostRuns, mostSelections) = (1 << 24, 4096)

  mutating func add(_ source: VirtualResolution.Checked) {
    guard known.insert(source.source).inserted else { return }
    heldBytes = DeclaredSize.clampedSum([heldBytes, source.heldBytes])
    types.append((source.source, source.elementType))
    sources.append(source.source)
    for inner in source.sources where known.insert(inner).inserted { sources.append(inner) }
  }

  /// Refuses a dataset of which a part comes from no source, or from one of another kind. Call it with the lock held.
  func requireCovering(_ shape: [Int], _ elementType: HDF5ElementType, _ context: HDF5Context) throws {
    func isNumber(_ type: HDF5ElementType) -> Bool { if case .scalar = type { true } else { false } }
    if let other = types.first(where: { isNumber($0.type) != isNumber(elementType) }) {
      throw failure(
        context, "it holds \(elementType), its source \(other.source.path) in \(other.source.file) \(other.type)")
    }
    guard let total = DeclaredSize.product(shape), total > 0 else { return }
    guard let runs = runsOfRows(shape) else { return try requireCoveringByLibrary(shape, total, context) }
    var end = 0
    for run in runs.sorted(by: { $0.lowerBound < $1.lowerBound }) {
      if run.lowerBound > end { break }
      end = max(end, run.upperBound)
    }
    guard end < shape[0] else { return }
    let next = runs.map(\.lowerBound).filter { $0 > end }.min() ?? shape[0]
    throw failure(context, "\(RowText.rows(end..<next)) of its \(shape[0]) come from none of its sources")
  }

  private func failure(_ context: HDF5Context, _ reason: String) -> HDF5Error {
    context.error("open the dataset", reason)
  }

  /// The rows that the mappings fill, where all of them fill whole rows; else nil.
  private func runsOfRows(_ shape: [Int]) -> [Range<Int>]? {
    var runs: [Range<Int>] = []
    for selection in selections {
      switch selection.kind {
      case .none: continue
      case .all: runs.append(0..<shape[0])
      case .points, .irregular: return nil
      case .regular(let along):
        guard along.count == shape.count,
          zip(along, shape).dropFirst().allSatisfy({ $0.start == 0 && $0.isRun && $0.end($1) == $1 })
        else { return nil }
        let first = along[0]
        guard first.start < shape[0] else { continue }
        if first.isRun {
          runs.append(first.start..<max(first.start, first.end(shape[0])))
        } else {
          let count = first.count == Int.max ? (shape[0] - first.start - 1) / first.stride + 1 : first.count
          guard count <= VirtualMappings.mostRuns - runs.count, first.stride > 0 else { return nil }
          for position in 0..<count {
            let start = DeclaredSize.clampedSum([
              first.start, DeclaredSize.clampedProduct([position, first.stride]),
            ])
            guard start < shape[0] else { break }
            runs.append(start..<min(shape[0], DeclaredSize.clampedSum([start, first.block])))
          }
        }
      }
    }
    return runs
  }

  /// Puts the selections together by libhdf5, whatever they are.
  private func requireCoveringByLibrary(_ shape: [Int], _ total: Int, _ context: HDF5Context) throws {
    let canBePutTogether = selections.allSatisfy { selection in
      if case .points = selection.kind { false } else { !selection.isUnlimited }
    }
    guard selections.count <= VirtualMappings.mostSelections, canBePutTogether else {
      throw failure(
        context,
        "its mappings are too many or too irregular to see whether they fill all of it; map whole rows, or copy the data"
      )
    }
    let union = try context.dataspace(shape)
    try context.check(H5Sselect_none(union.id), "put its sources together")
    for selection in selections {
      switch selection.kind {
      case .none, .points: continue
      case .all: return
      case .regular(let along):
        try context.check(
          H5Sselect_hyperslab(
            union.id, H5S_SELECT_OR, along.map { hsize_t($0.start) }, along.map { hsize_t($0.stride) },
            along.map { hsize_t($0.count) }, along.map { hsize_t($0.block) }), "put its sources together")
      case .irregular:
        try context.check(
          H5Smodify_select(union.id, H5S_SELECT_OR, selection.space.id), "put its sources together")
      }
    }
    try context.check(
      H5Sselect_hyperslab(
        union.id, H5S_SELECT_AND, shape.map { _ in 0 }, nil, shape.map { hsize_t($0) }, nil), "put its sources together"
    )
    let filled = Int(H5Sget_select_npoints(union.id))
    guard filled == total else {
      throw failure(context, "\(total - filled) of its \(total) elements come from none of its sources")
    }
  }
}
