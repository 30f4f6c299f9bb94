/// One piece of an object: an outline, what it is painted with and how its surface bulges.
struct ScenePart {
  /// How the surface turns towards and away from the light.
  enum Relief {
    case flat
    /// Rounded at the edge, as a cushion is; the radius of the rounding in the object's units.
    case inflated(Double)
    /// A part of an ellipsoid: centre and radii in the object's units.
    case ellipsoid(x: Double, y: Double, radiusX: Double, radiusY: Double)
  }

  enum Paint {
    case flat(SceneColor)
    /// A ground colour and drawing over it, in the object's units; only what is inside the outline is seen.
    case drawn(SceneColor, (SceneCanvas) -> Void)
    /// A colour for each point of the surface.
    case surface((SurfacePoint) -> SceneColor)
  }

  /// A point at which a surface is painted.
  struct SurfacePoint {
    /// In the object's units.
    let x: Float
    let y: Float
    /// Units of one pixel, to draw soft edges.
    let pixel: Float
    /// For an ellipsoid, the direction from its centre in the object's own frame; (0, 0, 1) otherwise.
    let direction: SIMD3<Float>
  }

  var outline: (SceneCanvas) -> Void
  /// Set where the outline is a line of this width rather than a filled shape.
  var lineWidth: Double?
  var paint: Paint
  var relief: Relief
  /// Strength of the highlight, 0…1.
  var gloss: Double

  /// A filled shape.
  init(_ paint: Paint, _ relief: Relief, gloss: Double = 0.15, _ outline: @escaping (SceneCanvas) -> Void) {
    self.init(line: nil, paint, relief, gloss: gloss, outline)
  }

  /// A thick line, or a filled shape where `line` is nil.
  init(
    line: Double?, _ paint: Paint, _ relief: Relief, gloss: Double = 0.15, _ outline: @escaping (SceneCanvas) -> Void
  ) {
    lineWidth = line
    self.outline = outline
    self.paint = paint
    self.relief = relief
    self.gloss = gloss
  }
}

/// An object as it is drawn: its parts from back to front, in its own coordinates.
struct SceneDesign {
  var parts: [ScenePart]
  /// What the parts reach, in the object's units, y downwards; `bottom` is where it touches the ground.
  var left = -1.0
  var right = 1.0
  var top = -1.0
  var bottom = 1.0
  /// It may be turned this far from upright, in radians.
  var tilt = 0.15
  /// It hangs in the air or the water rather than stand on the ground.
  var floats = false

  /// The longer side of what it covers.
  var extent: Double { max(right - left, bottom - top) }
}
