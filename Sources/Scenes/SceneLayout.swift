/// An object with its place in a scene, before it is drawn.
struct ScenePlacement {
  let kind: SceneClass
  let hue: Double
  let design: SceneDesign
  let transform: SceneTransform
  /// Larger is nearer.
  let depth: Double
  /// Where it touches the ground, in pixels; nil where it floats.
  let foot: (x: Double, y: Double)?
  let inContext: Bool
}

/// Where things go: one large object, up to four smaller ones, some of them overlapping it.
struct SceneLayout {
  let context: SceneClass.Context
  let backdrop: SceneBackdrop
  /// From back to front.
  let placements: [ScenePlacement]
  /// Which of them the scene is about.
  let primary: Int

  private struct Spot {
    var x: Double
    var y: Double
    var size: Double
  }

  /// - Parameters:
  ///   - kind: the class of the large object.
  ///   - crowded: false leaves the large object alone.
  init(
    _ kind: SceneClass, _ random: inout SceneRandom, width: Int, height: Int, contextProbability: Double, crowded: Bool
  ) {
    let others = SceneClass.Context.allCases.filter { $0 != kind.context }
    let context = random.chance(contextProbability) ? kind.context : random.pick(others)
    let backdrop = SceneBackdrop.make(context, &random, aspect: Double(width) / Double(height))
    let natives = SceneClass.all.filter { $0.context == context }
    let count = crowded ? random.weighted([0.12, 0.26, 0.32, 0.2, 0.1]) : 0
    let frame = (width: Double(width), height: Double(height), side: Double(min(width, height)))

    var spots: [Spot] = []
    var placed: [(placement: ScenePlacement, primary: Bool)] = []
    for number in 0...count {
      let chosen =
        number == 0 ? kind : random.chance(contextProbability) ? random.pick(natives) : random.pick(SceneClass.all)
      let size = number == 0 ? random.uniform(0.4, 0.54) : random.uniform(0.15, 0.29)
      let (placement, spot) = SceneLayout.place(
        chosen, context, backdrop, &random, frame: frame, size: size, beside: number == 0 ? nil : spots[0])
      spots.append(spot)
      placed.append((placement, number == 0))
    }
    let order = placed.indices.sorted {
      (placed[$0].placement.depth, $0) < (placed[$1].placement.depth, $1)
    }
    self.context = context
    self.backdrop = backdrop
    placements = order.map { placed[$0].placement }
    primary = order.firstIndex(of: 0) ?? 0
  }

  private static func place(
    _ kind: SceneClass, _ context: SceneClass.Context, _ backdrop: SceneBackdrop, _ random: inout SceneRandom,
    frame: (width: Double, height: Double, side: Double), size: Double, beside: Spot?
  ) -> (ScenePlacement, Spot) {
    let (design, hue) = SceneDesign.make(kind, &random)
    let (wide, tall) = (design.right - design.left, design.bottom - design.top)
    let standing = !design.floats && backdrop.ground != nil
    // Equal areas rather than equal lengths, but nothing longer than the cap.
    var scale = min(
      size * frame.side / (wide * tall).squareRoot(), (beside == nil ? 0.66 : 0.4) * frame.side / max(wide, tall))

    var x = random.uniform(0.1, 0.9) * frame.width
    if let beside, random.chance(0.6) {
      let reach = beside.size * 0.5 + scale * wide * 0.5
      x = beside.x + reach * random.uniform(0.35, 0.9) * (random.chance(0.5) ? 1 : -1)
      if x < 0.05 * frame.width || x > 0.95 * frame.width { x = 2 * beside.x - x }
    } else if beside == nil {
      x = random.uniform(0.3, 0.7) * frame.width
    }

    let tilt = design.tilt * (standing || design.floats ? 1 : 3)
    let angle = random.uniform(-tilt, tilt)
    var y: Double
    var depth: Double
    var foot: (x: Double, y: Double)?
    if standing, let ground = backdrop.ground {
      let place = beside == nil ? random.uniform(0.45, 0.95) : random.unit()
      var level = ground.lowerBound + (ground.upperBound - ground.lowerBound) * place
      scale *= 0.78 + 0.26 * place
      if beside == nil { level = min(ground.upperBound, max(level, scale * tall / frame.height + 0.03)) }
      depth = level
      y = level * frame.height - design.bottom * scale
      foot = (x, level * frame.height)
    } else {
      let lowest = backdrop.ground.map { max(0.35, $0.lowerBound) } ?? 0.82
      var level = random.uniform(0.18, lowest)
      if let beside, random.chance(0.5) {
        level = beside.y / frame.height + random.uniform(-0.2, 0.2)
      } else if beside == nil {
        let half = scale * tall / frame.height / 2
        level = min(max(level, half + 0.02), max(0.98 - half, 0.5))
      }
      depth = backdrop.ground == nil ? random.unit() : random.uniform(0.3, 1)
      y = level * frame.height - (design.top + design.bottom) / 2 * scale
    }
    let transform = SceneTransform(
      x: x, y: y, scale: scale, angle: angle, stretch: random.uniform(0.9, 1.1), shear: random.uniform(-0.06, 0.06),
      mirrored: kind.name != "stop sign" && random.chance(0.5))
    // A turned object is moved so that its lowest point stays on the ground.
    var placedTransform = transform
    if let standingFoot = foot {
      let corners = [
        transform.apply(design.left * 0.6, design.bottom), transform.apply(design.right * 0.6, design.bottom),
      ]
      placedTransform.y0 += standingFoot.y - max(corners[0].y, corners[1].y)
      foot = ((corners[0].x + corners[1].x) / 2, standingFoot.y)
    }
    let placement = ScenePlacement(
      kind: kind, hue: hue, design: design, transform: placedTransform, depth: depth, foot: foot,
      inContext: kind.context == context)
    return (placement, Spot(x: x, y: y, size: scale * wide))
  }
}
