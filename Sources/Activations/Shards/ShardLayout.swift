/// How the images of a store are divided among shards: whole blocks in their order, as evenly as they go. Where there are fewer
/// blocks than shards, some shards have no images.
public struct ShardLayout: Sendable, Equatable {
  public let images: Int
  /// Images that are computed at once; the last block may be short.
  public let blockSize: Int
  /// How many shards.
  public let count: Int

  public init(images: Int, blockSize: Int, count: Int) {
    self.images = images
    self.blockSize = blockSize
    self.count = count
  }

  /// The rows that a shard has of the whole store; none of a shard beyond the blocks.
  public func rows(of shard: Int) -> Range<Int> { firstRow(shard)..<firstRow(shard + 1) }

  private func firstRow(_ shard: Int) -> Int {
    let blocks = (images + blockSize - 1) / blockSize
    return min(images, shard * blocks / count * blockSize)
  }

  /// Shards that have images.
  public var filled: [Int] { (0..<count).filter { !rows(of: $0).isEmpty } }

  /// `00003-of-00050.h5`.
  public func fileName(of shard: Int) -> String {
    func digits(_ number: Int) -> String {
      let text = "\(number)"
      return String(repeating: "0", count: max(0, 5 - text.count)) + text
    }
    return "\(digits(shard))-of-\(digits(count)).h5"
  }
}

/// The numbers that a launcher gives to the tasks of an array: `first`, `first + step`, …, so many.
public struct TaskArray: Codable, Sendable, Equatable {
  public let first: Int
  public let step: Int
  public let count: Int

  public init(first: Int, step: Int, count: Int) {
    self.first = first
    self.step = step
    self.count = count
  }

  /// The place of a task among them, from 0; nil where none of them has the number.
  public func place(of task: Int) -> Int? {
    guard step > 0, task >= first, (task - first) % step == 0, (task - first) / step < count else { return nil }
    return (task - first) / step
  }
}
