import CCairo

/// One object, drawn and lit, on a transparent layer of its own that may reach beyond the image.
///
/// Its alpha is the object's coverage, so that mask and picture cannot disagree.
final class SceneLayer {
  let originX: Int
  let originY: Int
  let canvas: SceneCanvas

  var width: Int { canvas.width }
  var height: Int { canvas.height }

  init(_ design: SceneDesign, placed transform: SceneTransform, light: SceneLight) throws {
    let corners = [
      transform.apply(design.left, design.top), transform.apply(design.right, design.top),
      transform.apply(design.left, design.bottom), transform.apply(design.right, design.bottom),
    ]
    let margin = 0.2 * transform.scale + 3
    let left = corners.reduce(Double.infinity) { min($0, $1.x) } - margin
    let right = corners.reduce(-Double.infinity) { max($0, $1.x) } + margin
    let top = corners.reduce(Double.infinity) { min($0, $1.y) } - margin
    let bottom = corners.reduce(-Double.infinity) { max($0, $1.y) } + margin
    originX = Int(left.rounded(.down))
    originY = Int(top.rounded(.down))
    canvas = try SceneCanvas(
      width: Int(right.rounded(.up)) - originX, height: Int(bottom.rounded(.up)) - originY, .layer)
    var local = transform
    local.x0 -= Double(originX)
    local.y0 -= Double(originY)
    for part in design.parts {
      try add(part, local, light)
    }
  }

  /// How much of its pixels are at least half covered, inside the image or not.
  func coveredPixels() -> Int {
    canvas.withBytes { bytes in
      var count = 0
      for row in 0..<height {
        let line = bytes + row * canvas.stride
        for column in 0..<width where line[column * 4 + 3] >= 128 { count += 1 }
      }
      return count
    }
  }

  // MARK: Parts

  private struct Box {
    var left: Int
    var top: Int
    var width: Int
    var height: Int
  }

  /// The pixels a part can touch, with a border of two.
  private func box(of part: ScenePart, _ transform: SceneTransform) -> Box? {
    cairo_save(canvas.context)
    canvas.concatenate(transform)
    part.outline(canvas)
    cairo_identity_matrix(canvas.context)
    var (x1, y1, x2, y2) = (0.0, 0.0, 0.0, 0.0)
    cairo_path_extents(canvas.context, &x1, &y1, &x2, &y2)
    cairo_new_path(canvas.context)
    cairo_restore(canvas.context)
    let border = 2 + (part.lineWidth ?? 0) * transform.scale * 0.75
    let left = max(0, Int((x1 - border).rounded(.down)))
    let top = max(0, Int((y1 - border).rounded(.down)))
    let right = min(width, Int((x2 + border).rounded(.up)))
    let bottom = min(height, Int((y2 + border).rounded(.up)))
    guard right - left > 1, bottom - top > 1 else { return nil }
    return Box(left: left, top: top, width: right - left, height: bottom - top)
  }

  private func add(_ part: ScenePart, _ transform: SceneTransform, _ light: SceneLight) throws {
    guard let box = box(of: part, transform) else { return }
    var local = transform
    local.x0 -= Double(box.left)
    local.y0 -= Double(box.top)

    let coverage = try SceneCanvas(width: box.width, height: box.height, .coverage)
    coverage.saved {
      coverage.concatenate(local)
      part.outline(coverage)
      if let lineWidth = part.lineWidth { coverage.stroke(.white, lineWidth) } else { coverage.fill(.white) }
    }
    let covered = coverage.withBytes { bytes in
      (0..<box.height).flatMap { row in
        Array(UnsafeBufferPointer(start: bytes + row * coverage.stride, count: box.width))
      }
    }

    var albedo: SceneCanvas?
    if case .drawn(let ground, let drawing) = part.paint {
      let drawn = try SceneCanvas(width: box.width, height: box.height, .color)
      drawn.paint(ground)
      drawn.concatenate(local)
      drawing(drawn)
      albedo = drawn
    }
    let normals = SurfaceNormals(part.relief, covered, box.width, box.height, local)
    composite(part, box, covered, albedo, normals, local.inverse, light)
  }

  private func composite(
    _ part: ScenePart, _ box: Box, _ covered: [UInt8], _ albedo: SceneCanvas?, _ normals: SurfaceNormals,
    _ inverse: SceneTransform, _ light: SceneLight
  ) {
    let gloss = Float(part.gloss)
    let pixel = Float(inverse.scale)
    let albedoStride = albedo?.stride ?? 0
    func run(_ colors: UnsafeMutablePointer<UInt8>?) {
      canvas.withBytes { bytes in
        for row in 0..<box.height {
          let line = bytes + (row + box.top) * canvas.stride + box.left * 4
          for column in 0..<box.width {
            let amount = covered[row * box.width + column]
            if amount == 0 { continue }
            let (normal, direction) = normals.at(column, row)
            let color: SIMD3<Float>
            if let colors {
              let source = colors + row * albedoStride + column * 4
              color = SIMD3(Float(source[2]), Float(source[1]), Float(source[0])) * (1 / 255)
            } else if case .flat(let flat) = part.paint {
              color = flat.rgb
            } else if case .surface(let surface) = part.paint {
              let point = inverse.apply(Double(column) + 0.5, Double(row) + 0.5)
              color =
                surface(
                  .init(x: Float(point.x), y: Float(point.y), pixel: pixel, direction: direction)
                ).rgb
            } else {
              color = .zero
            }
            let lit = light.shaded(color, normal: normal, gloss: gloss)
            SceneLayer.over(line + column * 4, lit, Float(amount) * (1 / 255))
          }
        }
      }
    }
    if let albedo { albedo.withBytes { run($0) } } else { run(nil) }
  }

  /// Puts a colour of this opacity over a premultiplied pixel.
  @inline(__always)
  private static func over(_ target: UnsafeMutablePointer<UInt8>, _ color: SIMD3<Float>, _ alpha: Float) {
    let clamped = color.clamped(lowerBound: .zero, upperBound: SIMD3(repeating: 1)) * (255 * alpha)
    let rest = 1 - alpha
    let newAlpha = min(255, alpha * 255 + Float(target[3]) * rest)
    target[0] = UInt8(min(newAlpha, clamped.z + Float(target[0]) * rest) + 0.5)
    target[1] = UInt8(min(newAlpha, clamped.y + Float(target[1]) * rest) + 0.5)
    target[2] = UInt8(min(newAlpha, clamped.x + Float(target[2]) * rest) + 0.5)
    target[3] = UInt8(newAlpha + 0.5)
  }
}

/// The direction in which each pixel of a part faces.
private struct SurfaceNormals {
  private let heights: [Float]
  private let width: Int
  private let height: Int
  /// From pixels to the unit sphere of an ellipsoid, and from its frame to the screen's.
  private let sphere: (toUnit: SceneTransform, right: SIMD2<Float>, down: SIMD2<Float>)?

  init(_ relief: ScenePart.Relief, _ covered: [UInt8], _ width: Int, _ height: Int, _ transform: SceneTransform) {
    self.width = width
    self.height = height
    switch relief {
    case .flat:
      heights = []
      sphere = nil
    case .inflated(let radius):
      heights = SceneRelief.inflated(covered, width: width, height: height, radius: radius * transform.scale)
      sphere = nil
    case .ellipsoid(let x, let y, let radiusX, let radiusY):
      heights = []
      var placed = transform
      let centre = transform.apply(x, y)
      placed.xx *= radiusX
      placed.yx *= radiusX
      placed.xy *= radiusY
      placed.yy *= radiusY
      placed.x0 = centre.x
      placed.y0 = centre.y
      let right = SIMD2(Float(transform.xx), Float(transform.yx)) / Float(transform.scale)
      let down = SIMD2(Float(transform.xy), Float(transform.yy)) / Float(transform.scale)
      sphere = (placed.inverse, right, down)
    }
  }

  @inline(__always)
  func at(_ column: Int, _ row: Int) -> (normal: SIMD3<Float>, direction: SIMD3<Float>) {
    let front = SIMD3<Float>(0, 0, 1)
    if let sphere {
      let point = sphere.toUnit.apply(Double(column) + 0.5, Double(row) + 0.5)
      var flat = SIMD2(Float(point.x), Float(point.y))
      let squared = min((flat * flat).sum(), 4)
      if squared > 0.995 { flat *= (0.995 / squared).squareRoot() }
      let depth = (1 - min(squared, 0.995)).squareRoot()
      let turned = sphere.right * flat.x + sphere.down * flat.y
      return (SceneLight.unit(SIMD3(turned.x, turned.y, depth)), SIMD3(flat.x, flat.y, depth))
    }
    guard !heights.isEmpty else { return (front, front) }
    let (left, right) = (max(column - 1, 0), min(column + 1, width - 1))
    let (up, down) = (max(row - 1, 0), min(row + 1, height - 1))
    let slopeX = (heights[row * width + right] - heights[row * width + left]) * 0.5
    let slopeY = (heights[down * width + column] - heights[up * width + column]) * 0.5
    return (SceneLight.unit(SIMD3(-slopeX, -slopeY, 1)), front)
  }
}
