import CCairo

/// An affine map from an object's own coordinates (its half width is about 1, y points down) to pixels.
struct SceneTransform: Sendable {
  var xx: Double
  var yx: Double
  var xy: Double
  var yy: Double
  var x0: Double
  var y0: Double

  /// Mirrors, stretches, shears, turns and places an object.
  /// - Parameters:
  ///   - x: where the object's own origin comes to lie, in pixels.
  ///   - y: the same, downwards.
  ///   - scale: pixels of one unit.
  ///   - angle: turn in radians, clockwise on the screen.
  ///   - stretch: width over height, 1 where the shape is kept.
  ///   - shear: how far a step up moves a point sideways.
  ///   - mirrored: left and right exchanged.
  init(
    x: Double, y: Double, scale: Double, angle: Double, stretch: Double = 1, shear: Double = 0, mirrored: Bool = false
  ) {
    let (cosine, sine) = (SceneMath.cos(angle) * scale, SceneMath.sin(angle) * scale)
    let root = stretch.squareRoot()
    let a = mirrored ? -root : root
    let d = 1 / root
    xx = cosine * a
    yx = sine * a
    xy = cosine * shear - sine * d
    yy = sine * shear + cosine * d
    x0 = x
    y0 = y
  }

  var matrix: cairo_matrix_t {
    cairo_matrix_t(xx: xx, yx: yx, xy: xy, yy: yy, x0: x0, y0: y0)
  }

  func apply(_ x: Double, _ y: Double) -> (x: Double, y: Double) {
    (xx * x + xy * y + x0, yx * x + yy * y + y0)
  }

  /// From pixels to the object's own coordinates.
  var inverse: SceneTransform {
    let determinant = xx * yy - xy * yx
    var result = self
    result.xx = yy / determinant
    result.xy = -xy / determinant
    result.yx = -yx / determinant
    result.yy = xx / determinant
    result.x0 = -(result.xx * x0 + result.xy * y0)
    result.y0 = -(result.yx * x0 + result.yy * y0)
    return result
  }

  /// Pixels of one unit, on the average of the directions.
  var scale: Double { abs(xx * yy - xy * yx).squareRoot() }
}
