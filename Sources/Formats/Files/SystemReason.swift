import Foundation

/// Why the system refused something, from its error number: what it says, what can be done, and whose fault it is.
public enum SystemReason {
  /// In the system's own words, such as "No space left on device".
  public static func text(_ code: Int32) -> String {
    code == 0 ? "the system gave no reason" : String(cString: strerror(code))
  }

  /// The same of an error of Foundation.
  public static func text(of error: any Error) -> String { text(code(of: error)) }

  /// The system's error number behind an error of Foundation; 0 where it cannot be known.
  ///
  /// Foundation on Linux keeps it as a `POSIXError` in the error's details, which cannot be cast to `NSError`, or only as a code
  /// of its own.
  public static func code(of error: any Error) -> Int32 {
    if let error = error as? POSIXError { return error.code.rawValue }
    let bridged = error as NSError
    if bridged.domain == NSPOSIXErrorDomain { return Int32(truncatingIfNeeded: bridged.code) }
    if let underlying = bridged.userInfo[NSUnderlyingErrorKey] as? any Error {
      let code = code(of: underlying)
      if code != 0 { return code }
    }
    guard let error = error as? CocoaError else { return 0 }
    return switch error.code {
    case .fileWriteOutOfSpace: ENOSPC
    case .fileWriteNoPermission, .fileReadNoPermission: EACCES
    case .fileWriteVolumeReadOnly: EROFS
    case .fileNoSuchFile, .fileReadNoSuchFile: ENOENT
    case .fileWriteFileExists: EEXIST
    case .fileWriteInvalidFileName, .fileReadInvalidFileName: ENAMETOOLONG
    case .fileReadTooLarge: EFBIG
    default: 0
    }
  }

  /// What the file system refused, where, and how it is repaired.
  public static func sentence(of error: CocoaError) -> String {
    let details = error.userInfo
    let path = (details[NSFilePathErrorKey] as? String) ?? (details[NSURLErrorKey] as? URL)?.path
    let code = code(of: error)
    return "\(path ?? "a file"): \(code == 0 ? "cannot be read or written" : text(code)); \(repair(code))"
  }

  /// How it is repaired: a few words for the end of a sentence.
  public static func repair(_ code: Int32) -> String {
    switch code {
    case ENOSPC, EDQUOT: "make room there, or choose another place"
    case EFBIG: "the limit on the size of files is too low (ulimit -f), raise it or choose another place"
    case EACCES, EPERM: "change its permissions, or choose another place"
    case EROFS: "choose another place"
    case ENAMETOOLONG: "give a shorter name"
    case ENOENT, ENOTDIR: "make the folder, or choose another place"
    case EISDIR: "give a file"
    default: "check its place and permissions"
    }
  }

  /// 2 where the user can choose something else, 1 where the machine failed.
  public static func exitStatus(_ code: Int32) -> Int32 {
    [EACCES, EPERM, EROFS, ENAMETOOLONG, ENOENT, ENOTDIR, EISDIR, ELOOP].contains(code) ? 2 : 1
  }
}

/// Why the file system did not take a file or a folder.
public struct FileWritingError: ExitStatusError, Sendable {
  public let path: String
  /// The system's error number; 0 where there is none.
  public let code: Int32

  public init(path: String, code: Int32) {
    self.path = path
    self.code = code
  }

  /// - Parameter error: what Foundation threw.
  public init(path: String, _ error: any Error) { self.init(path: path, code: SystemReason.code(of: error)) }

  /// In the system's own words, such as "No space left on device".
  public var reason: String { SystemReason.text(code) }

  public var exitStatus: Int32 { SystemReason.exitStatus(code) }

  public var description: String { "cannot write \(path): \(reason); \(SystemReason.repair(code))" }
}
