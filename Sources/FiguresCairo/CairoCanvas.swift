import CCairo
import Figures

/// Draws scenes on a Cairo context whose unit is a point.
struct CairoCanvas {
  let cairo: OpaquePointer
  let typesetter: PangoTypesetter
  let pictures: PictureSurfaces
  /// Pages of vectors draw the cells of small images as rectangles: viewers smooth images, or leave seams between
  /// squares that only touch. A grid of pixels draws the image.
  let isVector: Bool

  /// Images of more pixels than this stay images on vector pages.
  static let mostCells = 65_536

  func draw(_ scene: Scene) {
    setSource(scene.background)
    cairo_paint(cairo)
    scene.nodes.forEach(draw)
  }

  private func draw(_ node: SceneNode) {
    switch node {
    case .rectangle(let shape):
      cairo_rectangle(cairo, shape.frame.x, shape.frame.y, shape.frame.width, shape.frame.height)
      paint(fill: shape.fill, stroke: shape.stroke)
    case .path(let shape):
      for element in shape.elements {
        switch element {
        case .move(let point): cairo_move_to(cairo, point.x, point.y)
        case .line(let point): cairo_line_to(cairo, point.x, point.y)
        case .curve(let control1, let control2, let end):
          cairo_curve_to(cairo, control1.x, control1.y, control2.x, control2.y, end.x, end.y)
        case .close: cairo_close_path(cairo)
        }
      }
      paint(fill: shape.fill, stroke: shape.stroke)
    case .image(let shape):
      if shape.content == .picture {
        pictures.draw(shape, on: cairo, isVector: isVector)
      } else if isVector && shape.rows * shape.columns <= Self.mostCells {
        drawCells(shape)
      } else {
        drawImage(shape)
      }
    case .text(let run):
      typesetter.draw(run, on: cairo)
    case .group(let group):
      cairo_save(cairo)
      cairo_translate(cairo, group.offset.x, group.offset.y)
      if let clip = group.clip {
        cairo_rectangle(cairo, clip.x, clip.y, clip.width, clip.height)
        cairo_clip(cairo)
      }
      group.children.forEach(draw)
      cairo_restore(cairo)
    }
  }

  private func setSource(_ color: Color) {
    cairo_set_source_rgba(cairo, color.red, color.green, color.blue, color.alpha)
  }

  private func paint(fill: Color?, stroke: Stroke?) {
    if let fill {
      setSource(fill)
      if stroke == nil { cairo_fill(cairo) } else { cairo_fill_preserve(cairo) }
    }
    guard let stroke else {
      if fill == nil { cairo_new_path(cairo) }
      return
    }
    setSource(stroke.color)
    cairo_set_line_width(cairo, stroke.width)
    cairo_set_line_join(cairo, CAIRO_LINE_JOIN_ROUND)
    cairo_set_dash(cairo, stroke.dash, Int32(stroke.dash.count), 0)
    cairo_stroke(cairo)
  }

  /// One rectangle a cell. Each reaches under its right and lower neighbours, which are painted over it, so that no
  /// background shines through the seams at any magnification.
  private func drawCells(_ shape: ImageShape) {
    let width = shape.frame.width / Double(shape.columns)
    let height = shape.frame.height / Double(shape.rows)
    shape.pixels.withUnsafeBufferPointer { pixels in
      for row in 0..<shape.rows {
        let y = shape.frame.y + Double(row) * height
        let reachDown = row == shape.rows - 1 ? height : height * 1.5
        var column = 0
        while column < shape.columns {
          let start = (row * shape.columns + column) * 4
          // Neighbours of one colour are one rectangle.
          var end = column + 1
          while end < shape.columns,
            (0..<4).allSatisfy({ pixels[start + $0] == pixels[(row * shape.columns + end) * 4 + $0] })
          {
            end += 1
          }
          let x = shape.frame.x + Double(column) * width
          let reach = end == shape.columns ? width * Double(end - column) : width * (Double(end - column) + 0.5)
          if pixels[start + 3] > 0 {
            setSource(
              Color(
                red: Double(pixels[start]) / 255, green: Double(pixels[start + 1]) / 255,
                blue: Double(pixels[start + 2]) / 255, alpha: Double(pixels[start + 3]) / 255))
            cairo_rectangle(cairo, x, y, reach, pixels[start + 3] == 255 ? reachDown : height)
            cairo_fill(cairo)
          }
          column = end
        }
      }
    }
  }

  /// The image as one pattern, each pixel a flat square.
  private func drawImage(_ shape: ImageShape) {
    guard let surface = Self.imageSurface(shape) else { return }
    defer { cairo_surface_destroy(surface) }
    cairo_save(cairo)
    cairo_translate(cairo, shape.frame.x, shape.frame.y)
    cairo_scale(cairo, shape.frame.width / Double(shape.columns), shape.frame.height / Double(shape.rows))
    cairo_set_source_surface(cairo, surface, 0, 0)
    cairo_pattern_set_filter(cairo_get_source(cairo), CAIRO_FILTER_NEAREST)
    cairo_rectangle(cairo, 0, 0, Double(shape.columns), Double(shape.rows))
    cairo_set_antialias(cairo, CAIRO_ANTIALIAS_NONE)
    cairo_fill(cairo)
    cairo_restore(cairo)
  }

  /// A Cairo surface with the pixels of `shape`, each repeated `scale` times both ways; the caller destroys it.
  static func imageSurface(_ shape: ImageShape, scale: Int = 1) -> OpaquePointer? {
    let width = shape.columns * scale
    let height = shape.rows * scale
    guard let surface = cairo_image_surface_create(CAIRO_FORMAT_ARGB32, Int32(width), Int32(height)),
      cairo_surface_status(surface) == CAIRO_STATUS_SUCCESS, let data = cairo_image_surface_get_data(surface)
    else { return nil }
    cairo_surface_flush(surface)
    let stride = Int(cairo_image_surface_get_stride(surface))
    for row in 0..<height {
      let line = UnsafeMutableRawPointer(data + row * stride).assumingMemoryBound(to: UInt32.self)
      for column in 0..<width {
        let start = (row / scale * shape.columns + column / scale) * 4
        let alpha = UInt32(shape.pixels[start + 3])
        func premultiplied(_ channel: Int) -> UInt32 { (UInt32(shape.pixels[start + channel]) * alpha + 127) / 255 }
        line[column] = alpha << 24 | premultiplied(0) << 16 | premultiplied(1) << 8 | premultiplied(2)
      }
    }
    cairo_surface_mark_dirty(surface)
    return surface
  }
}
