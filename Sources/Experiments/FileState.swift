import Foundation

/// What the file system says of a file: as long as it is the same, so is the content.
struct FileState: Codable, Equatable, Sendable {
  let bytes: Int
  /// Nanoseconds since 1970.
  let modified: Int
  let changed: Int
  let inode: UInt64

  init(bytes: Int, modified: Int, changed: Int, inode: UInt64) {
    (self.bytes, self.modified, self.changed, self.inode) = (bytes, modified, changed, inode)
  }

  /// nil where there is no file at `path`.
  init?(_ path: String) {
    var status = stat()
    guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
    bytes = Int(status.st_size)
    #if canImport(Darwin)
      modified = status.st_mtimespec.tv_sec * 1_000_000_000 + status.st_mtimespec.tv_nsec
      changed = status.st_ctimespec.tv_sec * 1_000_000_000 + status.st_ctimespec.tv_nsec
    #else
      modified = status.st_mtim.tv_sec * 1_000_000_000 + status.st_mtim.tv_nsec
      changed = status.st_ctim.tv_sec * 1_000_000_000 + status.st_ctim.tv_nsec
    #endif
    inode = UInt64(status.st_ino)
  }

  /// Nanoseconds since 1970.
  static var now: Int {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return time.tv_sec * 1_000_000_000 + time.tv_nsec
  }
}

/// The regular files below a folder, or the file itself.
enum FileTree {
  /// Paths relative to `path` in the order of their bytes; a file gives an empty one. Links are not followed into folders.
  static func files(_ path: String) -> [String] {
    var isDirectory: ObjCBool = false
    guard FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory) else { return [] }
    guard isDirectory.boolValue else { return [""] }
    let found = FileManager.default.enumerator(atPath: path)?.compactMap { $0 as? String } ?? []
    return found.filter { FileState(path + "/" + $0) != nil }
      .sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
  }
}
