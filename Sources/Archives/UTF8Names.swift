import CArchive

/// Names of entries that are UTF-8, whatever the locale.
package enum UTF8Names {
  /// Runs `body` with UTF-8 as the thread's encoding.
  package static func use<Value>(_ body: () throws -> Value) rethrows -> Value {
    var made: locale_t?
    let before = palimpsest_enter_utf8(&made)
    defer { palimpsest_leave_utf8(before, made) }
    return try body()
  }
}
