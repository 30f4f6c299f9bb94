import Formats

/// Edge pixels of a picture, kept so that those of another one can be paired with them.
struct EdgeSet: Sendable {
  /// Where they are, `row · width + column`, ascending.
  let positions: [Int32]
  /// `[height + 2·margin, width + 2·margin]`: at an edge pixel its index among ``places``, −1 elsewhere.
  fileprivate let indices: [Int32]
}

/// How many edge pixels of one picture can be paired with edge pixels of another that are near, each with one: as edges are
/// compared by Martin, Fowlkes and Malik (IEEE TPAMI 2004).
struct EdgePairing: Sendable {
  private let width: Int
  private let margin: Int
  private let paddedWidth: Int
  private let paddedCount: Int
  /// From a pixel of the padded picture to those within reach, the nearest first.
  private let offsets: [Int]

  /// - Parameter tolerance: the greatest distance of a pair in pixels.
  init(height: Int, width: Int, tolerance: Float) {
    let margin = Int(tolerance)
    self.width = width
    self.margin = margin
    paddedWidth = width + 2 * margin
    paddedCount = (height + 2 * margin) * paddedWidth
    var steps: [(square: Int, down: Int, across: Int)] = []
    for down in -margin...margin {
      for across in -margin...margin {
        let square = down * down + across * across
        if Float(square) <= tolerance * tolerance { steps.append((square, down, across)) }
      }
    }
    let columns = paddedWidth
    offsets = steps.sorted { $0 < $1 }.map { $0.down * columns + $0.across }
  }

  /// - Parameter mask: `[height, width]`, anything but 0 at edges.
  func edges(_ mask: [UInt8]) -> EdgeSet {
    var positions: [Int32] = []
    var indices = [Int32](repeating: -1, count: paddedCount)
    for index in mask.indices where mask[index] != 0 {
      indices[padded(Int32(index))] = Int32(positions.count)
      positions.append(Int32(index))
    }
    return EdgeSet(positions: positions, indices: indices)
  }

  private func padded(_ index: Int32) -> Int {
    let (row, column) = Int(index).quotientAndRemainder(dividingBy: width)
    return (row + margin) * paddedWidth + column + margin
  }

  /// The greatest number of some pixels that can be paired one to one with edge pixels of `other`: a greatest bipartite
  /// matching, by pairing the nearest first and then by alternating paths (Pothen and Fan 1990).
  func count(_ positions: [Int32], with other: EdgeSet) -> Int {
    guard !positions.isEmpty, !other.positions.isEmpty else { return 0 }
    return other.indices.withUnsafeBufferPointer { indices in
      offsets.withUnsafeBufferPointer { offsets in
        let search = PairSearch(
          positions.map(padded), others: other.positions.count, indices: indices, offsets: offsets)
        return search.greatest()
      }
    }
  }
}

/// One greatest matching in the making.
private struct PairSearch {
  private let positions: [Int]
  private let indices: UnsafeBufferPointer<Int32>
  private let offsets: UnsafeBufferPointer<Int>
  /// For each pixel the one it is paired with, and the other way round; −1 for none.
  private let partner: Buffer<Int32>
  private let owner: Buffer<Int32>
  /// The last round in which a pixel of the other side was looked at.
  private let round: Buffer<Int32>
  /// Of the path that is tried: pixels, the other side's pixel each goes on to, and how far each has looked around.
  private let path: Buffer<Int32>
  private let taken: Buffer<Int32>
  private let looked: Buffer<Int32>

  init(_ positions: [Int], others: Int, indices: UnsafeBufferPointer<Int32>, offsets: UnsafeBufferPointer<Int>) {
    self.positions = positions
    self.indices = indices
    self.offsets = offsets
    func buffer(_ count: Int, _ value: Int32) -> Buffer<Int32> {
      let buffer = Buffer<Int32>(count)
      buffer.pointer.initialize(repeating: value, count: count)
      return buffer
    }
    partner = buffer(positions.count, -1)
    owner = buffer(others, -1)
    round = buffer(others, 0)
    path = buffer(positions.count, 0)
    taken = buffer(positions.count, 0)
    looked = buffer(positions.count, 0)
  }

  func greatest() -> Int {
    var count = 0
    for offset in offsets {
      for pixel in positions.indices where partner.pointer[pixel] < 0 {
        let other = indices[positions[pixel] + offset]
        guard other >= 0, owner.pointer[Int(other)] < 0 else { continue }
        partner.pointer[pixel] = other
        owner.pointer[Int(other)] = Int32(pixel)
        count += 1
      }
    }
    var number: Int32 = 0
    var isGrowing = true
    while isGrowing {
      isGrowing = false
      number += 1
      for pixel in positions.indices where partner.pointer[pixel] < 0 {
        if extend(from: pixel, number) {
          count += 1
          isGrowing = true
        }
      }
    }
    return count
  }

  /// Looks for a path from a pixel without a partner to one of the other side without, by turns through pairs and others, and
  /// turns the pairs on it around. What was looked at in this round without success is not looked at again.
  private func extend(from root: Int, _ number: Int32) -> Bool {
    var depth = 0
    path.pointer[0] = Int32(root)
    looked.pointer[root] = 0
    while depth >= 0 {
      let pixel = Int(path.pointer[depth])
      var next = -1
      while Int(looked.pointer[pixel]) < offsets.count {
        let other = Int(indices[positions[pixel] + offsets[Int(looked.pointer[pixel])]])
        looked.pointer[pixel] += 1
        if other >= 0, round.pointer[other] != number {
          next = other
          break
        }
      }
      guard next >= 0 else {
        depth -= 1
        continue
      }
      round.pointer[next] = number
      taken.pointer[depth] = Int32(next)
      let following = owner.pointer[next]
      guard following >= 0 else {
        for level in 0...depth {
          partner.pointer[Int(path.pointer[level])] = taken.pointer[level]
          owner.pointer[Int(taken.pointer[level])] = path.pointer[level]
        }
        return true
      }
      depth += 1
      path.pointer[depth] = following
      looked.pointer[Int(following)] = 0
    }
    return false
  }
}
