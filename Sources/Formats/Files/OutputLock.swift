import Foundation
import Synchronization

/// Keeps two processes from writing into one place: a locked file that the system lets go of with the process, however that ends.
public final class OutputLock: Sendable {
  /// What lies in a folder while it is written to.
  public static let nameInFolder = ".palimpsest.lock"

  private let path: String
  private let descriptor: Mutex<Int32>

  /// Takes a folder that is there: the lock lies in it.
  ///
  /// - Throws: ``OutputInUse``; ``FileWritingError`` where no lock can be made there.
  public convenience init(folder: String) throws {
    try self.init(lockFile: folder + "/" + OutputLock.nameInFolder, of: folder)
  }

  /// Takes a file, or a folder that is replaced as a whole: the lock lies beside it.
  ///
  /// - Throws: ``OutputInUse``; ``FileWritingError`` where no lock can be made there.
  public convenience init(beside output: String) throws {
    let place = URL(fileURLWithPath: output).standardizedFileURL
    // Names of 255 bytes have no room for more.
    let name = String(decoding: Array(place.lastPathComponent.utf8.prefix(240)), as: UTF8.self)
    try self.init(
      lockFile: place.deletingLastPathComponent().appendingPathComponent(".\(name).lock").path, of: output)
  }

  /// - Parameters:
  ///   - path: the file that is locked; it is made, and removed at the end.
  ///   - output: what it stands for, in messages.
  public init(lockFile path: String, of output: String) throws {
    self.path = path
    while true {
      var opened = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o666)
      // Left behind by another user who was killed.
      if opened < 0, errno == EACCES { opened = open(path, O_RDONLY | O_CLOEXEC) }
      guard opened >= 0 else { throw FileWritingError(path: path, code: errno) }
      // A file system without locks is written to without them.
      if flock(opened, LOCK_EX | LOCK_NB) != 0, errno == EWOULDBLOCK {
        close(opened)
        throw OutputInUse(output: output)
      }
      // The file may have been removed by its last owner between opening and locking.
      var own = stat()
      var named = stat()
      if fstat(opened, &own) == 0, stat(path, &named) == 0, own.st_ino == named.st_ino, own.st_dev == named.st_dev {
        descriptor = Mutex(opened)
        UnfinishedFiles.add(path)
        return
      }
      close(opened)
    }
  }

  /// Writes down who works there, for others to read: into the locked file.
  public func write(note: Data) {
    descriptor.withLock { descriptor in
      guard descriptor >= 0, ftruncate(descriptor, 0) == 0 else { return }
      note.withUnsafeBytes { _ = pwrite(descriptor, $0.baseAddress, $0.count, 0) }
    }
  }

  /// Whether another process, or another lock of this one, holds the locked file at `path`; false where none is there.
  public static func isHeld(_ path: String) -> Bool {
    let opened = open(path, O_RDONLY | O_CLOEXEC)
    guard opened >= 0 else { return false }
    defer { close(opened) }
    return flock(opened, LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK
  }

  /// Lets others in.
  public func release() {
    descriptor.withLock { descriptor in
      guard descriptor >= 0 else { return }
      unlink(path)
      UnfinishedFiles.remove(path)
      // A program that another thread is just starting has the descriptor until its exec; unlocking does not wait for that.
      flock(descriptor, LOCK_UN)
      close(descriptor)
      descriptor = -1
    }
  }

  deinit { release() }
}

/// Another process writes where this one was asked to.
public struct OutputInUse: ExitStatusError, Equatable {
  public let output: String

  public init(output: String) { self.output = output }

  public var exitStatus: Int32 { 2 }

  public var description: String {
    "another palimpsest is at work in \(output); wait for it to end, or choose another --out"
  }
}
