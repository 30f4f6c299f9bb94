import CHDF5
import Foundation

/// The library as a whole: the lock around it, and what is open.
///
/// libhdf5 may be built without thread safety, so that every call to it in the process goes through one lock. The lock
/// is recursive, because the last reference to an object may go away inside another call.
public enum HDF5Library {
  private static let lock: NSRecursiveLock = {
    // Every file is closed or flushed by its owner; at the end of the process libhdf5 has nothing to do, and would
    // otherwise loop over what a damaged file left half open.
    H5dont_atexit()
    H5open()
    return NSRecursiveLock()
  }()

  /// How many files, groups, datasets, types and attributes are open in this process; 0 after everything is released.
  public static var openObjectCount: Int {
    locked { Int(palimpsest_h5f_open_count()) }
  }

  /// How many of them belong to the file at a path.
  public static func openObjectCount(in path: String) -> Int {
    locked {
      let count = palimpsest_h5f_open_count()
      guard count > 0 else { return 0 }
      var ids = [hid_t](repeating: 0, count: count)
      let found = palimpsest_h5f_open_ids(ids.count, &ids)
      return ids.prefix(max(0, found)).count { id in
        let length = H5Fget_name(id, nil, 0)
        guard length > 0 else { return false }
        var name = [CChar](repeating: 0, count: length + 1)
        H5Fget_name(id, &name, name.count)
        return String(decoding: name.prefix(length).map { UInt8(bitPattern: $0) }, as: UTF8.self) == path
      }
    }
  }

  /// Version of libhdf5, as in "1.10.8".
  public static var version: String {
    locked {
      var major: UInt32 = 0
      var minor: UInt32 = 0
      var release: UInt32 = 0
      H5get_libversion(&major, &minor, &release)
      return "\(major).\(minor).\(release)"
    }
  }

  /// Whether data behind a filter (by its registered number) can be read here.
  public static func hasFilter(_ number: Int) -> Bool {
    locked {
      let available = H5Zfilter_avail(H5Z_filter_t(truncatingIfNeeded: number))
      H5Eclear2(palimpsest_h5e_default())
      return available > 0
    }
  }

  /// Runs `body` while no other thread is inside libhdf5.
  static func locked<Result>(_ body: () throws -> Result) rethrows -> Result {
    lock.lock()
    defer { lock.unlock() }
    // Errors are read from the stack where they occur; nothing is printed. Some builds keep a stack for each thread.
    H5Eset_auto2(palimpsest_h5e_default(), nil, nil)
    return try body()
  }

  /// The innermost message on libhdf5's error stack, which is cleared. Call it with the lock held.
  static func takeReason() -> String {
    var messages: [String] = []
    withUnsafeMutablePointer(to: &messages) { pointer in
      _ = H5Ewalk2(
        palimpsest_h5e_default(), H5E_WALK_UPWARD,
        { _, entry, context in
          if let entry, let text = entry.pointee.desc {
            context?.assumingMemoryBound(to: [String].self).pointee.append(String(cString: text))
          }
          return 0
        }, pointer)
    }
    H5Eclear2(palimpsest_h5e_default())
    let reason = messages.first { !$0.isEmpty } ?? "unknown reason"
    return explained(reason) ?? reason
  }

  /// What libhdf5 says of files that are sound, in words that tell what to do; nil where its own words serve.
  private static func explained(_ reason: String) -> String? {
    if reason.contains("unable to lock file") {
      return
        "another program has it open for writing (h5py, or a palimpsest at work); close it there and run this again"
    }
    let isOfVersion = reason.contains("version") && (reason.contains("bad") || reason.contains("unknown"))
    if isOfVersion || reason.contains("unsupported") {
      return
        "it is damaged, or in a newer format of HDF5 than libhdf5 \(version) reads here (\(reason)): h5py writes that with"
        + " libver='latest'; write it again with h5py.File(path, 'w', libver=('earliest', 'v110'))"
    }
    return nil
  }
}

/// Where an operation takes place, to make an error of its failure.
struct HDF5Context: Sendable {
  let file: String
  let object: String

  func error(_ operation: String, _ reason: String, isDanglingLink: Bool = false) -> HDF5Error {
    HDF5Error(file: file, object: object, operation: operation, reason: reason, isDanglingLink: isDanglingLink)
  }

  /// Passes on a status or identifier of libhdf5; a negative one becomes an error. Call it with the lock held.
  @discardableResult
  func check<Status: SignedInteger>(_ status: Status, _ operation: @autoclosure () -> String) throws -> Status {
    guard status < 0 else { return status }
    throw error(operation(), HDF5Library.takeReason())
  }
}

/// One owned identifier of libhdf5, closed with its last reference.
///
/// Bind a handle to a name before taking its `id` for a call: the binding keeps the identifier open until the end of the
/// scope, where a mere expression (`makeType().id`) would close it before the call.
final class HDF5Handle: Sendable {
  let id: hid_t
  private let close: @Sendable (hid_t) -> herr_t

  init(_ id: hid_t, close: @escaping @Sendable (hid_t) -> herr_t) {
    self.id = id
    self.close = close
  }

  deinit {
    HDF5Library.locked {
      if close(id) < 0 { H5Eclear2(palimpsest_h5e_default()) }
    }
  }
}
