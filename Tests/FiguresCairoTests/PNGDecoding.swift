import CCairo
import Figures

/// Red, green and blue of a PNG's pixels, read by Cairo, and its width.
func decodePNG(_ png: [UInt8]) throws -> (pixels: [UInt8], width: Int) {
  final class Source {
    var rest: ArraySlice<UInt8>
    init(_ bytes: [UInt8]) { rest = bytes[...] }
  }
  let source = Source(png)
  let read: cairo_read_func_t = { closure, data, count in
    guard let closure, let data else { return CAIRO_STATUS_READ_ERROR }
    let source = Unmanaged<Source>.fromOpaque(closure).takeUnretainedValue()
    guard source.rest.count >= count else { return CAIRO_STATUS_READ_ERROR }
    for (place, byte) in source.rest.prefix(Int(count)).enumerated() { data[place] = byte }
    source.rest = source.rest.dropFirst(Int(count))
    return CAIRO_STATUS_SUCCESS
  }
  guard
    let surface = cairo_image_surface_create_from_png_stream(read, Unmanaged.passUnretained(source).toOpaque()),
    cairo_surface_status(surface) == CAIRO_STATUS_SUCCESS, let data = cairo_image_surface_get_data(surface)
  else { throw FigureError("Cairo cannot read the PNG") }
  defer { cairo_surface_destroy(surface) }
  let (width, height) = (Int(cairo_image_surface_get_width(surface)), Int(cairo_image_surface_get_height(surface)))
  let stride = Int(cairo_image_surface_get_stride(surface))
  var pixels: [UInt8] = []
  for row in 0..<height {
    for column in 0..<width {
      let start = row * stride + column * 4
      pixels += [data[start + 2], data[start + 1], data[start]]
    }
  }
  return (pixels, width)
}
