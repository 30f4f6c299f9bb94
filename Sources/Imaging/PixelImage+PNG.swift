import CCairo

extension PixelImage {
  /// The bytes of a PNG file, 8 bits a channel; the same bytes for the same pixels.
  ///
  /// - Throws: ``ImagingError`` where Cairo has no memory for it.
  public func png() throws -> [UInt8] {
    guard let surface = cairo_image_surface_create(CAIRO_FORMAT_RGB24, Int32(width), Int32(height)) else {
      throw ImagingError(reason: "cannot be written as PNG: Cairo cannot make a surface of \(width)×\(height) pixels")
    }
    defer { cairo_surface_destroy(surface) }
    guard let bytes = cairo_image_surface_get_data(surface) else {
      throw ImagingError(reason: "cannot be written as PNG: Cairo cannot make a surface of \(width)×\(height) pixels")
    }
    cairo_surface_flush(surface)
    let stride = Int(cairo_image_surface_get_stride(surface))
    for row in 0..<height {
      let line = bytes + row * stride
      for column in 0..<width {
        let source = (row * width + column) * 3
        line[column * 4] = pixels[source + 2]
        line[column * 4 + 1] = pixels[source + 1]
        line[column * 4 + 2] = pixels[source]
      }
    }
    cairo_surface_mark_dirty(surface)
    final class Sink { var bytes: [UInt8] = [] }
    let sink = Sink()
    sink.bytes.reserveCapacity(width * height * 2)
    let status = withExtendedLifetime(sink) {
      cairo_surface_write_to_png_stream(
        surface,
        { pointer, data, length in
          guard let pointer, let data else { return CAIRO_STATUS_WRITE_ERROR }
          let sink = Unmanaged<Sink>.fromOpaque(pointer).takeUnretainedValue()
          sink.bytes.append(contentsOf: UnsafeBufferPointer(start: data, count: Int(length)))
          return CAIRO_STATUS_SUCCESS
        }, Unmanaged.passUnretained(sink).toOpaque())
    }
    guard status == CAIRO_STATUS_SUCCESS else {
      throw ImagingError(reason: "cannot be written as PNG: \(String(cString: cairo_status_to_string(status)))")
    }
    return sink.bytes
  }
}
