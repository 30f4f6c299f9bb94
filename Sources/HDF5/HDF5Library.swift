import CHDF5
import Foundation

/// The library as a whole: the lock around it, and what is open.
///
/// libhdf5 is built without thread safety, so that every call to it in the process goes through one lock. The lock
/// is recursive, because the last reference to an object may go away inside another call.
public enum HDF5Library {
  private static let lock: NSRecursiveLock = {
    let lock = NSRecursiveLock()
    // Errors are read from the stack where they occur; nothing is printed.
    H5open()
    H5Eset_auto2(palimpsest_h5e_default(), nil, nil)
    return lock
  }()

  /// How many files, groups, datasets, types and attributes are open in this process; 0 after everything is released.
  public static var openObjectCount: Int {
    locked { Int(palimpsest_h5f_open_count()) }
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

  /// Runs `body` while no other thread is inside libhdf5.
  static func locked<Result>(_ body: () throws -> Result) rethrows -> Result {
    lock.lock()
    defer { lock.unlock() }
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
    return messages.first { !$0.isEmpty } ?? "unknown reason"
  }
}

/// Where an operation takes place, to make an error of its failure.
struct HDF5Context: Sendable {
  let file: String
  let object: String

  func error(_ operation: String, _ reason: String) -> HDF5Error {
    HDF5Error(file: file, object: object, operation: operation, reason: reason)
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
