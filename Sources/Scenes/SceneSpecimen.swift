import Imaging

extension SceneGenerator {
  /// One object alone, upright, in the middle of a plain grey square: for prototypes, figures and controlled stimuli.
  ///
  /// With the same seed and hue, classes that are partners of each other get the same colours.
  ///
  /// - Parameters:
  ///   - kind: what to draw.
  ///   - hue: degrees; nil for the canonical hue of the class, or a random one where it has none. A hue other than the
  ///     canonical one gives a counterfactual object, such as a blue banana.
  ///   - seed: chooses what else varies.
  ///   - size: pixels of each side, 32…4096.
  /// - Throws: `SceneError` where the size is out of range.
  public static func specimen(of kind: SceneClass, hue: Double? = nil, seed: UInt64, size: Int = 256) throws
    -> DrawnScene
  {
    guard (32...4096).contains(size) else {
      throw SceneError("the size is \(size), but has to be 32…4096 pixels")
    }
    var random = SceneRandom(seed, 0x5350_4543)
    let (design, given) = SceneDesign.make(kind, &random, hue: hue)
    let side = Double(size)
    let scale = 0.84 * side / design.extent
    let transform = SceneTransform(
      x: side / 2 - (design.left + design.right) / 2 * scale, y: side / 2 - (design.top + design.bottom) / 2 * scale,
      scale: scale, angle: 0)
    let light = SceneLight(
      side: -0.7, elevation: 0.85, tint: .white, shade: SceneColor(0.4, 0.4, 0.42), bounce: SceneColor(0.5, 0.5, 0.5))
    let layer = try SceneLayer(design, placed: transform, light: light)
    let picture = try ScenePicture(width: size, height: size)
    picture.fill(SceneColor(0.5, 0.5, 0.5))
    picture.add(layer, haze: .white, 0)
    let mask = layer.canvas.withBytes { bytes in
      (0..<size * size).map { place -> Bool in
        let (x, y) = (place % size - layer.originX, place / size - layer.originY)
        guard x >= 0, y >= 0, x < layer.width, y < layer.height else { return false }
        return bytes[y * layer.canvas.stride + x * 4 + 3] >= 128
      }
    }
    let object = SceneObject(
      kind: kind, hue: given, mask: SceneMask(width: size, height: size, pixels: mask),
      occlusion: 0, inContext: false)
    return DrawnScene(
      index: 0, width: size, height: size, pixels: picture.pixels(), context: kind.context, split: .test,
      objects: [object])
  }
}
