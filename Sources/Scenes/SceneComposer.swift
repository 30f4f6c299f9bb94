import CCairo
import Imaging

/// Draws one scene: layers, who hides whom, shadows, and the picture.
struct SceneComposer {
  let seed: UInt64
  let index: Int
  let width: Int
  let height: Int
  let contextProbability: Double

  /// Layouts that leave the large object hidden, or not the largest by a clear margin, are thrown away; the last
  /// attempt shows it alone.
  private static let attempts = 10
  /// No other object may show more than this share of the dominant one's pixels.
  private static let margin = 0.7

  func compose() throws -> DrawnScene {
    let kind = primaryClass()
    for attempt in 0..<SceneComposer.attempts {
      var random = SceneRandom(seed, UInt64(index), UInt64(attempt), 0x5343_454E)
      let last = attempt == SceneComposer.attempts - 1
      let layout = SceneLayout(
        kind, &random, width: width, height: height, contextProbability: contextProbability, crowded: !last)
      if let scene = try draw(layout, &random, anything: last) { return scene }
    }
    throw SceneError("scene \(index) of seed \(seed) cannot be laid out at \(width)×\(height); ask for a larger size")
  }

  /// Every block of as many images as there are classes is about each class once, in random order.
  private func primaryClass() -> SceneClass {
    let count = SceneClass.all.count
    var random = SceneRandom(seed, UInt64(index / count), 0x424C_4F43)
    return random.shuffled(SceneClass.all)[index % count]
  }

  // MARK: Who hides whom

  private struct Drawn {
    let placement: ScenePlacement
    let layer: SceneLayer
    let total: Int
    let primary: Bool
  }

  /// For each pixel the number (from 1) of the object seen there, 0 where there is none.
  private func owners(_ objects: [Drawn], _ foreground: SceneCanvas?) -> [UInt8] {
    var owners = [UInt8](repeating: 0, count: width * height)
    for (number, object) in objects.enumerated() {
      let layer = object.layer
      layer.canvas.withBytes { bytes in
        for row in max(0, layer.originY)..<max(max(0, layer.originY), min(height, layer.originY + layer.height)) {
          let line = bytes + (row - layer.originY) * layer.canvas.stride
          for column in max(0, layer.originX)..<max(max(0, layer.originX), min(width, layer.originX + layer.width))
          where line[(column - layer.originX) * 4 + 3] >= 128 {
            owners[row * width + column] = UInt8(number + 1)
          }
        }
      }
    }
    foreground?.withBytes { bytes in
      for row in 0..<height {
        for column in 0..<width where bytes[row * (foreground?.stride ?? 0) + column * 4 + 3] >= 128 {
          owners[row * width + column] = 0
        }
      }
    }
    return owners
  }

  /// The scene of this layout, or nil where it does not show its subject well.
  private func draw(_ layout: SceneLayout, _ random: inout SceneRandom, anything: Bool) throws -> DrawnScene? {
    var objects: [Drawn] = []
    for (number, placement) in layout.placements.enumerated() {
      let layer = try SceneLayer(placement.design, placed: placement.transform, light: layout.backdrop.light)
      objects.append(
        Drawn(
          placement: placement, layer: layer, total: max(1, layer.coveredPixels()), primary: number == layout.primary))
    }
    var foreground: SceneCanvas?
    if let paint = layout.backdrop.foreground, random.chance(0.6) {
      let canvas = try SceneCanvas(width: width, height: height, .layer)
      canvas.scale(Double(height), Double(height))
      paint(canvas)
      foreground = canvas
    }

    // Objects of which too little is left are taken out, the most hidden first, until none is.
    var owners = owners(objects, foreground)
    var areas = visible(owners, objects.count)
    let least = max(12, width * height / 700)
    while true {
      let shares = objects.indices.map { Double(areas[$0]) / Double(objects[$0].total) }
      let poor = objects.indices.filter { !objects[$0].primary && (shares[$0] < 0.4 || areas[$0] < least) }
      guard let worst = poor.min(by: { (shares[$0], $0) < (shares[$1], $1) }) else { break }
      objects.remove(at: worst)
      owners = self.owners(objects, foreground)
      areas = visible(owners, objects.count)
    }
    guard let primary = objects.firstIndex(where: { $0.primary }) else { return nil }
    if !anything {
      let rivals = objects.indices.filter { $0 != primary }.map { areas[$0] }
      let share = Double(areas[primary]) / Double(objects[primary].total)
      let rival = Double(rivals.max() ?? 0)
      if share < 0.55 || rival > SceneComposer.margin * Double(areas[primary]) { return nil }
    }
    guard areas[primary] > 0 else { return nil }
    let pixels = try paint(layout, objects, foreground, &random)
    return DrawnScene(
      index: index, width: width, height: height, pixels: pixels, context: layout.context,
      split: SceneSplit.of(seed: seed, index: index),
      objects: objects.enumerated().map { number, object in
        SceneObject(
          kind: object.placement.kind, hue: object.placement.hue,
          mask: SceneMask(width: width, height: height, pixels: owners.map { $0 == UInt8(number + 1) }),
          occlusion: max(0, 1 - Double(areas[number]) / Double(object.total)), inContext: object.placement.inContext)
      })
  }

  private func visible(_ owners: [UInt8], _ count: Int) -> [Int] {
    var areas = [Int](repeating: 0, count: count + 1)
    for owner in owners { areas[Int(owner)] += 1 }
    return Array(areas.dropFirst())
  }

  // MARK: The picture

  private func paint(
    _ layout: SceneLayout, _ objects: [Drawn], _ foreground: SceneCanvas?, _ random: inout SceneRandom
  ) throws -> [UInt8] {
    let picture = try ScenePicture(width: width, height: height)
    picture.paint(layout.backdrop)
    for object in objects {
      if let foot = object.placement.foot {
        try picture.castShadow(of: object.layer, foot: foot, layout.backdrop)
      }
      picture.shadeBehind(object.layer, reach: object.placement.transform.scale * 0.14, layout.backdrop.light)
      let distance = max(0, 1 - object.placement.depth)
      picture.add(object.layer, haze: layout.backdrop.haze, layout.backdrop.hazeStrength * (0.3 + distance))
    }
    if let foreground { picture.add(foreground) }
    return picture.finished(grain: SceneNoise(&random))
  }
}
