import CCairo

extension PixelImage {
  /// The bytes of a PNG file, 8 bits a channel; the same bytes for the same pixels.
  ///
  /// - Throws: ``ImagingError`` where Cairo has no memory for it.
  public func png() throws -> [UInt8] {
    let canvas: SceneCanvas
    do { canvas = try SceneCanvas(width: width, height: height, .color) } catch {
      throw ImagingError(reason: "\(error)")
    }
    canvas.withBytes { bytes in
      for row in 0..<height {
        let line = bytes + row * canvas.stride
        for column in 0..<width {
          let source = (row * width + column) * 3
          line[column * 4] = pixels[source + 2]
          line[column * 4 + 1] = pixels[source + 1]
          line[column * 4 + 2] = pixels[source]
        }
      }
    }
    final class Sink { var bytes: [UInt8] = [] }
    let sink = Sink()
    sink.bytes.reserveCapacity(width * height * 2)
    let status = withExtendedLifetime(sink) {
      cairo_surface_write_to_png_stream(
        canvas.surface,
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
