import CHDF5
import Foundation
import Synchronization

/// What tells a file from every other and from itself before it was changed.
struct FileIdentity: Hashable {
  private let device: UInt64
  private let node: UInt64
  private let size: Int
  private let seconds: Int
  private let nanoseconds: Int

  /// - Throws: what `error` makes of the reason why there is no file that can be read at `path`. Pipes and devices are
  ///   refused: to open one may wait for ever.
  init(regularFileAt path: String, _ error: (String) -> HDF5Error) throws {
    var information = stat()
    guard stat(path, &information) == 0 else {
      throw error(errno == ENOENT ? "no such file" : String(cString: strerror(errno)))
    }
    switch information.st_mode & S_IFMT {
    case S_IFREG: break
    case S_IFDIR: throw error("it is a folder, not an HDF5 file")
    default: throw error("it is a pipe or a device, not an HDF5 file")
    }
    device = UInt64(information.st_dev)
    node = UInt64(information.st_ino)
    size = Int(information.st_size)
    #if os(Linux)
      (seconds, nanoseconds) = (information.st_mtim.tv_sec, information.st_mtim.tv_nsec)
    #else
      (seconds, nanoseconds) = (information.st_mtimespec.tv_sec, information.st_mtimespec.tv_nsec)
    #endif
  }

  /// Whether it was last written long enough ago that another writing would show in its time.
  var isSettled: Bool { time(nil) - seconds > 2 }
}

extension HDF5File {
  /// Files of which the trial in a child process went well.
  private static let examined = Mutex<Set<FileIdentity>>([])

  /// Tries a file out in a child process, so that a damaged one does not end this one. Call it with the lock held.
  static func examine(_ path: String, _ identity: FileIdentity, _ access: HDF5Handle, _ context: HDF5Context) throws {
    guard !examined.withLock({ $0.contains(identity) }) else { return }
    var object = [CChar](repeating: 0, count: 512)
    let ending = palimpsest_h5_probe(path, access.id, &object, object.count)
    guard ending > 0 else {
      if identity.isSettled { examined.withLock { _ = $0.insert(identity) } }
      return
    }
    let name = String(decoding: object.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    let place = name.isEmpty ? "" : ", at \(name)"
    switch ending {
    case SIGALRM, SIGPROF, SIGKILL:
      throw context.error(
        "open",
        "it could not be examined in time (one step took more than \(PALIMPSEST_PROBE_STEP) s of processor time or "
          + "\(PALIMPSEST_PROBE_ALARM) s)\(place): its storage is very slow, its structure very large, or it is damaged; "
          + "copy it to a local disk and try again")
    case PALIMPSEST_PROBE_IS_TOO_LARGE:
      throw context.error(
        "open",
        "to read its structure, attributes or strings libhdf5 asks for far more memory than the file is large\(place): a"
          + " length in it is damaged, or one text in it is larger than 500 MB; get the file again, or make it again")
    default:
      throw context.error("open", "it is damaged: libhdf5 cannot read its structure, attributes or strings\(place)")
    }
  }
}
