/// Smooth noise over the plane, a pure function of its seed: value noise on a hashed lattice.
struct SceneNoise: Sendable {
  let seed: UInt32

  init(_ random: inout SceneRandom) {
    seed = UInt32(truncatingIfNeeded: random.next())
  }

  /// A number in 0..<1 that belongs to this cell of the lattice.
  func cell(_ x: Int32, _ y: Int32) -> Float {
    var hash = UInt32(bitPattern: x) &* 0x8DA6_B343 ^ UInt32(bitPattern: y) &* 0xD816_3841 ^ seed
    hash = (hash ^ (hash >> 15)) &* 0x2C1B_3C6D
    hash = (hash ^ (hash >> 12)) &* 0x297A_2D39
    return Float((hash ^ (hash >> 15)) >> 8) * 0x1p-24
  }

  /// One octave in 0…1; features are about one unit wide.
  func value(_ x: Float, _ y: Float) -> Float {
    let floorX = x.rounded(.down)
    let floorY = y.rounded(.down)
    let (column, row) = (Int32(floorX), Int32(floorY))
    var (u, v) = (x - floorX, y - floorY)
    u = u * u * (3 - 2 * u)
    v = v * v * (3 - 2 * v)
    let top = cell(column, row) * (1 - u) + cell(column + 1, row) * u
    let bottom = cell(column, row + 1) * (1 - u) + cell(column + 1, row + 1) * u
    return top * (1 - v) + bottom * v
  }

  /// Several octaves, each half as wide and half as strong, in 0…1.
  func fractal(_ x: Float, _ y: Float, octaves: Int) -> Float {
    var (sum, weight, total, scale) = (Float(0), Float(1), Float(0), Float(1))
    for octave in 0..<octaves {
      sum += weight * value(x * scale + Float(octave) * 17.3, y * scale - Float(octave) * 9.1)
      total += weight
      weight *= 0.5
      scale *= 2
    }
    return sum / total
  }
}
