import CCairo

/// The picture while it is put together, from back to front.
final class ScenePicture {
  private let width: Int
  private let height: Int
  private let canvas: SceneCanvas
  /// How far each pixel is covered by objects so far, 0…1.
  private var covered: [Float]

  init(width: Int, height: Int) throws {
    self.width = width
    self.height = height
    canvas = try SceneCanvas(width: width, height: height, .color)
    covered = [Float](repeating: 0, count: width * height)
  }

  func paint(_ backdrop: SceneBackdrop) {
    canvas.saved {
      canvas.scale(Double(height), Double(height))
      backdrop.paint(canvas)
    }
  }

  func fill(_ color: SceneColor) { canvas.paint(color) }

  /// The layer's outline thrown on the ground, away from the light, and a darker touch where it stands.
  func castShadow(of layer: SceneLayer, foot: (x: Double, y: Double), _ backdrop: SceneBackdrop) throws {
    let shadow = try SceneCanvas(width: width, height: height, .coverage)
    let slant = -Double(backdrop.light.direction.x) * 1.1
    var matrix = cairo_matrix_t(xx: 1, yx: 0, xy: -slant, yy: 0.3, x0: slant * foot.y, y0: foot.y * 0.7)
    cairo_transform(shadow.context, &matrix)
    cairo_set_source_rgba(shadow.context, 0, 0, 0, 1)
    cairo_mask_surface(shadow.context, layer.canvas.surface, Double(layer.originX), Double(layer.originY))
    let reach = max(1, Int(Double(height) * 0.008))
    var amounts = [Float](repeating: 0, count: width * height)
    shadow.withBytes { bytes in
      for row in 0..<height {
        let line = bytes + row * shadow.stride
        for column in 0..<width { amounts[row * width + column] = Float(line[column]) * (1 / 255) }
      }
    }
    SceneRelief.blur(&amounts, width: width, height: height, radius: reach)
    SceneRelief.blur(&amounts, width: width, height: height, radius: reach)
    let strength = Float(backdrop.shadow)
    darken { amounts[$0] * strength }

    canvas.saved {
      let half = Double(layer.width) * 0.3
      canvas.translate(foot.x, foot.y - half * 0.04)
      canvas.scale(1, 0.2)
      canvas.circle(0, 0, half)
      canvas.fillRadial(
        0, 0, half,
        [(0, .black, backdrop.shadow), (0.55, .black, backdrop.shadow * 0.7), (1, .black, 0)])
    }
  }

  /// Darkens objects just behind a layer, on the side away from the light, so that it stands out before them.
  func shadeBehind(_ layer: SceneLayer, reach: Double, _ light: SceneLight) {
    let border = Int(reach) + 2
    let (boxWidth, boxHeight) = (layer.width + 2 * border, layer.height + 2 * border)
    var amounts = [Float](repeating: 0, count: boxWidth * boxHeight)
    layer.canvas.withBytes { bytes in
      for row in 0..<layer.height {
        for column in 0..<layer.width {
          amounts[(row + border) * boxWidth + column + border] =
            Float(bytes[row * layer.canvas.stride + column * 4 + 3]) * (1 / 255)
        }
      }
    }
    let radius = max(1, Int(reach / 2))
    SceneRelief.blur(&amounts, width: boxWidth, height: boxHeight, radius: radius)
    let left = layer.originX - border - Int(Double(light.direction.x) * reach)
    let top = layer.originY - border - Int(Double(light.direction.y) * reach * 0.6)
    darken { [self] place in
      if covered[place] == 0 { return 0 }
      let (x, y) = (place % width - left, place / width - top)
      guard x >= 0, y >= 0, x < boxWidth, y < boxHeight else { return 0 }
      return amounts[y * boxWidth + x] * covered[place] * 0.5
    }
  }

  /// Puts an object's layer over the picture, a little of it lost in the haze.
  func add(_ layer: SceneLayer, haze: SceneColor, _ strength: Double) {
    let (keep, veil) = (Float(1 - strength), haze.rgb * Float(strength) * 255)
    let first = (x: max(0, layer.originX), y: max(0, layer.originY))
    let last = (x: min(width, layer.originX + layer.width), y: min(height, layer.originY + layer.height))
    guard first.x < last.x, first.y < last.y else { return }
    layer.canvas.withBytes { source in
      canvas.withBytes { target in
        for row in first.y..<last.y {
          let from = source + (row - layer.originY) * layer.canvas.stride - layer.originX * 4
          let onto = target + row * canvas.stride
          for column in first.x..<last.x {
            let alpha = Float(from[column * 4 + 3]) * (1 / 255)
            if alpha == 0 { continue }
            for channel in 0..<3 {
              let color = Float(from[column * 4 + channel]) * keep + veil[2 - channel] * alpha
              let value = color + Float(onto[column * 4 + channel]) * (1 - alpha)
              onto[column * 4 + channel] = UInt8(max(0, min(255, value + 0.5)))
            }
            let place = row * width + column
            covered[place] = alpha + covered[place] * (1 - alpha)
          }
        }
      }
    }
  }

  /// Puts what grows in front over the picture.
  func add(_ foreground: SceneCanvas) {
    cairo_set_source_surface(canvas.context, foreground.surface, 0, 0)
    cairo_paint(canvas.context)
  }

  /// The pixels, [H, W, 3], with the fall-off and the grain of a lens and a sensor.
  func finished(grain: SceneNoise) -> [UInt8] {
    var pixels = [UInt8](repeating: 0, count: width * height * 3)
    let (centreX, centreY) = (Float(width) / 2, Float(height) / 2)
    let reach = 1 / (centreX * centreX + centreY * centreY)
    canvas.withBytes { bytes in
      for row in 0..<height {
        let line = bytes + row * canvas.stride
        let y = Float(row) - centreY
        for column in 0..<width {
          let x = Float(column) - centreX
          let corner = (x * x + y * y) * reach
          let factor = 1 - 0.16 * corner * corner
          let noise = (grain.cell(Int32(column), Int32(row)) - 0.5) * 4
          let target = (row * width + column) * 3
          for channel in 0..<3 {
            let value = Float(line[column * 4 + 2 - channel]) * factor + noise
            pixels[target + channel] = UInt8(max(0, min(255, value + 0.5)))
          }
        }
      }
    }
    return pixels
  }

  /// The pixels as they are, [H, W, 3].
  func pixels() -> [UInt8] {
    canvas.withBytes { bytes in
      (0..<width * height * 3).map { place in
        bytes[place / 3 / width * canvas.stride + place / 3 % width * 4 + 2 - place % 3]
      }
    }
  }

  private func darken(_ amount: (Int) -> Float) {
    canvas.withBytes { bytes in
      for row in 0..<height {
        let line = bytes + row * canvas.stride
        for column in 0..<width {
          let share = amount(row * width + column)
          if share <= 0.004 { continue }
          // Shadows keep a little blue.
          line[column * 4] = UInt8(Float(line[column * 4]) * (1 - share * 0.86))
          line[column * 4 + 1] = UInt8(Float(line[column * 4 + 1]) * (1 - share))
          line[column * 4 + 2] = UInt8(Float(line[column * 4 + 2]) * (1 - share))
        }
      }
    }
  }
}
