import Foundation

/// Files for numbers that do not fit into memory, which no name leads to: they are gone when they are closed, however the
/// program ends.
enum ScratchFile {
  /// - Returns: the descriptor, for the caller to close; below zero where none can be made, the reason in `errno`.
  static func open(in folder: String) -> Int32 {
    var name = Array((folder + "/.palimpsest-scratch-XXXXXX").utf8CString)
    let descriptor = mkstemp(&name)
    if descriptor >= 0 { unlink(name) }
    return descriptor
  }
}
