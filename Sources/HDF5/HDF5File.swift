import CHDF5
import Foundation
import Synchronization

/// An open HDF5 file. All calls may come from any thread; the library is entered one call at a time.
///
/// Paths of objects are absolute, as in `/features/original/embed`.
public final class HDF5File: Sendable {
  /// How a file is opened.
  public enum Mode: Sendable {
    case readOnly, readWrite
  }

  /// What stands at a path.
  public enum Kind: String, Sendable {
    case group, dataset, other
  }

  /// One member of a group.
  public struct Child: Sendable, Equatable {
    public let name: String
    public let kind: Kind
    /// Why what a soft or external link of this name leads to is not there; nil of everything that is.
    public let missingTarget: String?
  }

  public let path: String
  let handle: HDF5Handle
  /// Paths whose links were followed, and the files they lead to, by path.
  let followed = Mutex<(paths: Set<String>, files: [String: HDF5File])>(([], [:]))

  var context: HDF5Context { HDF5Context(file: path, object: "") }

  func context(_ object: String) -> HDF5Context { HDF5Context(file: path, object: object) }

  private init(path: String, handle: HDF5Handle) {
    self.path = path
    self.handle = handle
  }

  /// Opens an existing file.
  ///
  /// - Parameter isTrusted: leave out the trial in a child process that keeps a damaged file from ending this one;
  ///   for files this process has just made.
  /// - Throws: `HDF5Error` where the file cannot be read, is not HDF5, or is shorter than it says it is.
  public static func open(_ path: String, mode: Mode = .readOnly, isTrusted: Bool = false) throws -> HDF5File {
    let context = HDF5Context(file: path, object: "")
    let identity = try FileIdentity(regularFileAt: path) { context.error("open", $0) }
    let file = try HDF5Library.locked {
      let access = try fileAccess(context)
      if !isTrusted { try examine(path, identity, access, context) }
      let flags = mode == .readOnly ? palimpsest_h5f_accessor_read_only() : palimpsest_h5f_accessor_read_write()
      let id = H5Fopen(path, flags, access.id)
      guard id >= 0 else {
        let reason = HDF5Library.takeReason()
        if reason.contains("signature not found") { throw context.error("open", "it is not an HDF5 file") }
        if reason.contains("truncated file") {
          throw context.error("open", "it is truncated: shorter than its header says")
        }
        throw context.error("open", reason)
      }
      return HDF5File(path: path, handle: HDF5Handle(id, close: closeAndUnlock))
    }
    try file.keepFromChildren()
    return file
  }

  /// Makes a new file in the format of HDF5 1.10 (metadata with checksums); an existing one is emptied.
  public static func create(_ path: String) throws -> HDF5File {
    let context = HDF5Context(file: path, object: "")
    let file = try HDF5Library.locked {
      let access = try fileAccess(context)
      let creation = try context.propertyList(palimpsest_h5p_file_create())
      try context.check(H5Pset_link_creation_order(creation.id, trackedOrder), "track the order of links")
      try context.check(H5Pset_attr_creation_order(creation.id, trackedOrder), "track the order of attributes")
      let id = try context.check(
        H5Fcreate(path, palimpsest_h5f_accessor_truncate(), creation.id, access.id), "create")
      return HDF5File(path: path, handle: HDF5Handle(id, close: closeAndUnlock))
    }
    try file.keepFromChildren()
    return file
  }

  /// Closes a file and takes its lock away by name.
  ///
  /// A lock belongs to the open file, which a program being started shares until it has become another program: closing
  /// alone would leave it locked until then, and whoever opens the file at once would be refused.
  @Sendable private static func closeAndUnlock(_ id: hid_t) -> herr_t {
    var second: Int32 = -1
    var pointer: UnsafeMutableRawPointer?
    // The same file may be open here a second time, through the same descriptor: then the lock stays.
    if H5Fget_obj_count(id, palimpsest_h5f_obj_all()) == 1,
      H5Fget_vfd_handle(id, palimpsest_h5p_default(), &pointer) >= 0, let pointer
    {
      second = fcntl(pointer.load(as: Int32.self), F_DUPFD_CLOEXEC, 0)
    }
    let status = H5Fclose(id)
    if second >= 0 {
      flock(second, LOCK_UN)
      close(second)
    }
    return status
  }

  /// Programs started meanwhile do not inherit the file: they would hold its lock after it is closed here.
  private func keepFromChildren() throws {
    _ = fcntl(try fileDescriptor(), F_SETFD, FD_CLOEXEC)
  }

  private static func fileAccess(_ context: HDF5Context) throws -> HDF5Handle {
    let access = try context.propertyList(palimpsest_h5p_file_access())
    try context.check(H5Pset_libver_bounds(access.id, H5F_LIBVER_V110, H5F_LIBVER_V110), "choose the format")
    // Locks where the file system knows them, none where it does not (some network and read-only mounts).
    try context.check(H5Pset_file_locking(access.id, true, true), "choose file locking")
    return access
  }

  /// Writes everything held in memory to the file. A full disk shows here.
  public func flush() throws {
    try HDF5Library.locked { _ = try context.check(H5Fflush(handle.id, H5F_SCOPE_GLOBAL), "flush") }
  }

  /// The file descriptor libhdf5 works with; valid while the file is open, and not to be closed.
  public func fileDescriptor() throws -> Int32 {
    try HDF5Library.locked {
      var pointer: UnsafeMutableRawPointer?
      try context.check(H5Fget_vfd_handle(handle.id, palimpsest_h5p_default(), &pointer), "get the file descriptor")
      guard let pointer else { throw context.error("get the file descriptor", "there is none") }
      return pointer.load(as: Int32.self)
    }
  }

  /// Bytes before the HDF5 part of the file; 0 in nearly all files.
  public func userBlockSize() throws -> Int {
    try HDF5Library.locked {
      let id = try context.check(H5Fget_create_plist(handle.id), "read the creation properties")
      defer { H5Pclose(id) }
      var size: hsize_t = 0
      try context.check(H5Pget_userblock(id, &size), "read the user block")
      return Int(clamping: size)
    }
  }

  // MARK: Objects

  /// What stands at a path, nil where nothing does.
  ///
  /// - Throws: `HDF5Error` where something does that cannot be opened, because it or a group above it is damaged.
  public func entry(at object: String) throws -> Kind? {
    let context = context(object)
    guard try follow(object) else { return nil }
    return try HDF5Library.locked { () -> Kind? in
      let opened = HDF5Handle(
        try context.check(H5Oopen(handle.id, object, palimpsest_h5p_default()), "open it")
      ) { H5Oclose($0) }
      switch H5Iget_type(opened.id) {
      case H5I_GROUP: return .group
      case H5I_DATASET: return .dataset
      default: return .other
      }
    }
  }

  /// Opens whatever stands at a path; nil where nothing does. Call it with the lock held.
  func openObject(_ object: String) throws -> HDF5Handle? {
    guard try follow(object) else { return nil }
    let id = H5Oopen(handle.id, object, palimpsest_h5p_default())
    guard id >= 0 else {
      H5Eclear2(palimpsest_h5e_default())
      return nil
    }
    return HDF5Handle(id) { H5Oclose($0) }
  }

  /// Makes a group that remembers the order in which its members were made, with the groups above it.
  public func createGroup(_ group: String) throws {
    let context = context(group)
    try HDF5Library.locked {
      let creation = try context.propertyList(palimpsest_h5p_group_create())
      try context.check(H5Pset_link_creation_order(creation.id, trackedOrder), "track the order of links")
      try context.check(H5Pset_attr_creation_order(creation.id, trackedOrder), "track the order of attributes")
      try context.check(H5Pset_obj_track_times(creation.id, false), "leave out times")
      let links = try context.propertyList(palimpsest_h5p_link_create())
      try context.check(H5Pset_create_intermediate_group(links.id, 1), "make the groups above")
      let id = try context.check(
        H5Gcreate2(handle.id, group, links.id, creation.id, palimpsest_h5p_default()), "create the group")
      H5Gclose(id)
    }
  }

  /// Whether a group remembers the order in which its members were made.
  public func remembersOrder(of group: String) throws -> Bool {
    let context = context(group)
    try requireThere(group)
    return try HDF5Library.locked {
      let id = try context.check(H5Gopen2(handle.id, group, palimpsest_h5p_default()), "open the group")
      defer { H5Gclose(id) }
      let creation = try context.check(H5Gget_create_plist(id), "read the creation properties")
      defer { H5Pclose(creation) }
      var order: UInt32 = 0
      return H5Pget_link_creation_order(creation, &order) >= 0 && (order & trackedOrder) == trackedOrder
    }
  }

  /// Whether `left` comes before `right` when runs of digits are compared as numbers.
  public static func naturalOrder(_ left: String, _ right: String) -> Bool {
    let (a, b) = (Array(left.utf8), Array(right.utf8))
    var (i, j) = (0, 0)
    func digits(_ bytes: [UInt8], _ start: Int) -> Int {
      var end = start
      while end < bytes.count, (48...57).contains(bytes[end]) { end += 1 }
      return end
    }
    while i < a.count, j < b.count {
      let (endA, endB) = (digits(a, i), digits(b, j))
      if endA > i, endB > j {
        let numberA = a[i..<endA].drop { $0 == 48 }
        let numberB = b[j..<endB].drop { $0 == 48 }
        if numberA.count != numberB.count { return numberA.count < numberB.count }
        if !numberA.elementsEqual(numberB) { return numberA.lexicographicallyPrecedes(numberB) }
        (i, j) = (endA, endB)
      } else {
        if a[i] != b[j] { return a[i] < b[j] }
        (i, j) = (i + 1, j + 1)
      }
    }
    if a.count - i != b.count - j { return a.count - i < b.count - j }
    return left < right
  }
}

/// `H5P_CRT_ORDER_TRACKED | H5P_CRT_ORDER_INDEXED`.
let trackedOrder: UInt32 = 3

extension HDF5Context {
  /// A new property list of a class. Call it with the lock held.
  func propertyList(_ kind: hid_t) throws -> HDF5Handle {
    HDF5Handle(try check(H5Pcreate(kind), "make a property list")) { H5Pclose($0) }
  }
}
