import CHDF5

/// Names as libhdf5 hands them over, with the numbers in which they were made.
///
/// Lists are taken in libhdf5's own order, as the trial in a child process took them (``HDF5File/examine(_:_:_:_:)``), and sorted here.
/// For any other order it fills tables of its own, whose entries it lets go of unread where a damaged file stops it on the way
/// (1.10.8: SIGSEGV), and it makes such a table again for each name that is asked for by number.
private struct ListedNames {
  private var entries: [(name: String, number: Int64?)] = []

  mutating func append(_ name: UnsafePointer<CChar>?, number: Int64?) {
    guard let name else { return }
    entries.append((String(cString: name), number))
  }

  /// In the order of their numbers; nil where some have none or share one.
  var byCreation: [String]? {
    guard Set(entries.map(\.number)).count == entries.count, !entries.contains(where: { $0.number == nil }) else {
      return nil
    }
    return entries.sorted { ($0.number ?? 0) < ($1.number ?? 0) }.map(\.name)
  }

  var unordered: [String] { entries.map(\.name) }
}

extension HDF5File {
  /// Names of an object's attributes, in the order of their creation where it is known, else by name.
  public func attributeNames(of object: String) throws -> [String] {
    let context = context(object)
    let names = try HDF5Library.locked { () -> ListedNames in
      guard let handle = try openObject(object) else { throw context.error("list the attributes", "no such object") }
      var names = ListedNames()
      var position: hsize_t = 0
      let status = withUnsafeMutablePointer(to: &names) { pointer in
        H5Aiterate2(
          handle.id, H5_INDEX_NAME, H5_ITER_NATIVE, &position,
          { _, name, information, context in
            let number = information.flatMap { $0.pointee.corder_valid ? Int64($0.pointee.corder) : nil }
            context?.assumingMemoryBound(to: ListedNames.self).pointee.append(name, number: number)
            return 0
          }, pointer)
      }
      try context.check(status, "list the attributes")
      return names
    }
    return names.byCreation ?? names.unordered.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
  }

  /// Members of a group: in the order of their creation where the group remembers it, else sorted so that numbers
  /// in names count (`block.2` before `block.10`).
  public func children(of group: String) throws -> [Child] {
    let context = context(group)
    let tracked = try remembersOrder(of: group)
    let names = try HDF5Library.locked { () -> ListedNames in
      let id = try context.check(H5Gopen2(handle.id, group, palimpsest_h5p_default()), "open the group")
      defer { H5Gclose(id) }
      var names = ListedNames()
      var position: hsize_t = 0
      let status = withUnsafeMutablePointer(to: &names) { pointer in
        H5Literate(
          id, H5_INDEX_NAME, H5_ITER_NATIVE, &position,
          { _, name, information, context in
            let number = information.flatMap { $0.pointee.corder_valid ? $0.pointee.corder : nil }
            context?.assumingMemoryBound(to: ListedNames.self).pointee.append(name, number: number)
            return 0
          }, pointer)
      }
      try context.check(status, "list the group")
      return names
    }
    let ordered = (tracked ? names.byCreation : nil) ?? names.unordered.sorted(by: HDF5File.naturalOrder)
    let prefix = group.hasSuffix("/") ? group : group + "/"
    return try ordered.map { name in
      do {
        return Child(name: name, kind: try entry(at: prefix + name) ?? .other, missingTarget: nil)
      } catch let error as HDF5Error where error.isDanglingLink {
        return Child(name: name, kind: .other, missingTarget: error.reason)
      }
    }
  }
}
