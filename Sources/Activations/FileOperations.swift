import CDeflate
import Formats
import Foundation

/// The few ways in which the writer touches the file system, in one place, so that tests can stop it between any two
/// of them as a kill does, or let the disk be full.
public struct FileOperations: Sendable {
  /// Asked before every operation, with its name and path; what it throws stops the operation. For a write it may
  /// return fewer bytes than wanted: then so many are written and the operation fails as if the process had ended.
  public var before: @Sendable (_ operation: Operation) throws -> Int?

  /// Whether files and folders are brought to the disk before they get their final name. Only a power cut can tell.
  public var synchronizes = true

  public enum Operation: Sendable {
    case write(bytes: Int)
    case reserve(bytes: Int)
    case synchronize, rename, remove, truncate
  }

  public init(before: @escaping @Sendable (Operation) throws -> Int? = { _ in nil }) {
    self.before = before
  }

  /// Raised when an injected short write has happened.
  public struct Stopped: Error {
    public init() {}
  }

  /// Writes all bytes at an offset.
  func write(_ bytes: UnsafeRawBufferPointer, to descriptor: Int32, at offset: Int, of path: String) throws {
    var rest = bytes
    let allowed = try before(.write(bytes: bytes.count))
    if let allowed { rest = UnsafeRawBufferPointer(rebasing: bytes[0..<min(allowed, bytes.count)]) }
    var position = offset
    while !rest.isEmpty {
      let written = pwrite(descriptor, rest.baseAddress, min(rest.count, 1 << 30), off_t(position))
      if written < 0 {
        if errno == EINTR { continue }
        throw StoreError.system("write to", path, errno)
      }
      position += written
      rest = UnsafeRawBufferPointer(rebasing: rest[written...])
    }
    if allowed != nil { throw Stopped() }
  }

  /// Takes room on the disk for `bytes`, beyond the present end too, without changing what is there.
  func reserve(_ descriptor: Int32, bytes: Int, keepSize: Bool, of path: String) throws {
    _ = try before(.reserve(bytes: bytes))
    #if os(Linux)
      while palimpsest_reserve(descriptor, keepSize ? 1 : 0, Int64(bytes)) != 0 {
        switch errno {
        case EINTR: continue
        // Some network file systems cannot; a full disk then shows when rows are written.
        case EOPNOTSUPP, ENOSYS, EINVAL: return
        default: throw StoreError.system("reserve \(describeBytes(bytes)) for", path, errno)
        }
      }
    #endif
  }

  func synchronize(_ descriptor: Int32, of path: String) throws {
    _ = try before(.synchronize)
    guard !synchronizes || fsync(descriptor) == 0 else { throw StoreError.system("synchronize", path, errno) }
  }

  func rename(_ from: String, to path: String) throws {
    _ = try before(.rename)
    guard Foundation.rename(from, path) == 0 else { throw StoreError.system("rename \(from) to", path, errno) }
    // The new name itself must survive a power cut; where folders cannot be synchronised nothing is lost.
    guard synchronizes else { return }
    let folder = open(FilePath.folder(of: path), O_RDONLY)
    if folder >= 0 {
      _ = fsync(folder)
      close(folder)
    }
  }

  func remove(_ path: String) throws {
    _ = try before(.remove)
    guard unlink(path) == 0 || errno == ENOENT else { throw StoreError.system("remove", path, errno) }
  }

  func truncate(_ descriptor: Int32, to size: Int, of path: String) throws {
    _ = try before(.truncate)
    guard ftruncate(descriptor, off_t(size)) == 0 else { throw StoreError.system("shorten", path, errno) }
  }

  /// Fills a buffer from an offset.
  static func read(
    _ descriptor: Int32, into buffer: UnsafeMutableRawBufferPointer, at offset: Int, of path: String
  ) throws {
    var done = 0
    while done < buffer.count {
      let rest = UnsafeMutableRawBufferPointer(rebasing: buffer[done...])
      let count = pread(descriptor, rest.baseAddress, min(rest.count, 1 << 30), off_t(offset + done))
      if count < 0 {
        if errno == EINTR { continue }
        throw StoreError.system("read", path, errno)
      }
      guard count > 0 else {
        throw StoreError(.badStore, "\(path): it is truncated: it ends before byte \(offset + buffer.count)")
      }
      done += count
    }
  }

  /// Bytes of an open file.
  static func size(_ descriptor: Int32, of path: String) throws -> Int {
    let end = lseek(descriptor, 0, SEEK_END)
    guard end >= 0 else { throw StoreError.system("measure", path, errno) }
    return Int(end)
  }

  /// Bytes that this user can still write to the file system that holds `path`'s folder; nil where it is not known.
  static func freeBytes(at path: String) -> Int? {
    var information = statvfs()
    guard statvfs(FilePath.folder(of: path), &information) == 0 else { return nil }
    return Int(information.f_bavail) * Int(information.f_frsize)
  }
}

extension StoreError {
  /// An error of the operating system, with its number's text.
  static func system(_ operation: String, _ path: String, _ number: Int32) -> StoreError {
    let reason = String(cString: strerror(number))
    if number == ENOSPC || number == EDQUOT {
      let free = FileOperations.freeBytes(at: path).map { ", \(describeBytes($0)) are free" } ?? ""
      return StoreError(
        .diskFull,
        "cannot \(operation) \(path): \(reason)\(free); what is complete is kept, make room and run the same command again"
      )
    }
    return StoreError(.inputOutput, "cannot \(operation) \(path): \(reason)")
  }
}
