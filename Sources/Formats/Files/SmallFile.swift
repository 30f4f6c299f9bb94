import Foundation

/// Files that are read whole: regular ones of a size that was expected, so that a pipe, a device or a slip of the hand neither hangs
/// the program nor fills its memory.
public enum SmallFile {
  /// - Parameter largest: the most bytes that it may have.
  /// - Throws: ``FileReadingError``.
  public static func data(_ path: String, largest: Int) throws -> Data {
    // Opening a pipe that nobody writes to would wait.
    let descriptor = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC)
    guard descriptor >= 0 else { throw FileReadingError(path: path, code: errno) }
    let handle = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw FileReadingError(path: path, code: errno) }
    switch status.st_mode & S_IFMT {
    case S_IFREG: break
    case S_IFDIR: throw FileReadingError(path: path, reason: "is a folder, not a file")
    default: throw FileReadingError(path: path, reason: "is not a regular file")
    }
    guard Int(status.st_size) <= largest else {
      throw FileReadingError(path: path, reason: "has \(status.st_size) bytes, more than the \(largest) that are read")
    }
    do { return try handle.read(upToCount: largest) ?? Data() } catch {
      throw FileReadingError(path: path, code: SystemReason.code(of: error))
    }
  }

  /// In UTF-8; nil where it is none.
  ///
  /// - Throws: ``FileReadingError``.
  public static func text(_ path: String, largest: Int) throws -> String? {
    String(data: try data(path, largest: largest), encoding: .utf8)
  }
}

/// Why a file could not be read.
public struct FileReadingError: ExitStatusError, Sendable, Equatable {
  public let path: String
  /// The system's error number; 0 where it is not the system that refuses.
  public let code: Int32
  public let reason: String

  init(path: String, code: Int32) {
    self.path = path
    self.code = code
    reason = code == ENOENT ? "no such file" : SystemReason.text(code)
  }

  init(path: String, reason: String) {
    self.path = path
    code = 0
    self.reason = reason
  }

  public var exitStatus: Int32 { 2 }

  public var description: String { code == 0 ? "\(path) \(reason)" : "\(path): \(reason)" }
}
