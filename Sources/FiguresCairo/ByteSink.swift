import CCairo
import Figures

/// Collects what Cairo writes to a stream.
final class ByteSink {
  var bytes: [UInt8] = []

  /// The function Cairo calls with a `ByteSink` as its closure.
  static let write: @convention(c) (UnsafeMutableRawPointer?, UnsafePointer<UInt8>?, UInt32) -> cairo_status_t = {
    closure, data, count in
    guard let closure, let data else { return CAIRO_STATUS_WRITE_ERROR }
    Unmanaged<ByteSink>.fromOpaque(closure).takeUnretainedValue().bytes.append(
      contentsOf: UnsafeBufferPointer(start: data, count: Int(count)))
    return CAIRO_STATUS_SUCCESS
  }

  /// What to hand to Cairo beside `write`; valid while this object lives.
  var closure: UnsafeMutableRawPointer { Unmanaged.passUnretained(self).toOpaque() }
}

/// Turns what Cairo says into an error that says what was drawn.
func checkCairo(_ status: cairo_status_t, _ work: String) throws {
  guard status != CAIRO_STATUS_SUCCESS else { return }
  throw FigureError("\(work): Cairo says '\(String(cString: cairo_status_to_string(status)))'")
}
