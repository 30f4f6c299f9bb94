import Foundation

/// Why the file system refused, in its own words.
package enum FileSystemReason {
  /// "Read-only file system" and the like, instead of Foundation's "The operation could not be completed".
  package static func text(of error: any Error) -> String {
    if let underlying = (error as NSError).userInfo[NSUnderlyingErrorKey] as? NSError,
      underlying.domain == NSPOSIXErrorDomain
    {
      return String(cString: strerror(Int32(underlying.code)))
    }
    return "its place or permissions do not allow it"
  }
}
