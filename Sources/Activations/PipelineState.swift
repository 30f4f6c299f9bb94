import Foundation

/// What the stages of a pipeline share, behind one lock: images being decoded, blocks waiting to be written, and the
/// first error.
///
/// `@unchecked Sendable`: everything that changes is read and written with `condition` locked.
final class PipelineState<Pixels: Sendable>: @unchecked Sendable {
  /// Why an image could not be read.
  struct Unreadable: Error {
    let reason: String
  }

  typealias Image = Result<DecodedImage<Pixels>, Unreadable>

  /// One image to decode.
  struct Task {
    /// Index into the work.
    let position: Int
    /// Index into the block's rows.
    let place: Int
    let row: Int
    let conditions: [Int]
  }

  /// A block to write, with what keeps its memory.
  ///
  /// `@unchecked Sendable`: it is handed from the thread that computed it to the one that writes, never used by both.
  struct Finished: @unchecked Sendable {
    let block: FeatureBlock
    let owner: Any
  }

  private let condition = NSCondition()
  private let work: [(block: Int, conditions: [Int])]
  private let plan: StorePlan
  private let depth: Int

  // Everything below is guarded by `condition`.
  private var nextTask = (position: 0, place: 0)
  private var decoding: [Int: (images: [Image?], missing: Int)] = [:]
  private var computedBlocks = 0
  private var queue: [Finished] = []
  private var computationHasEnded = false
  private var firstFailure: (any Error)?
  private var unreadableCount = 0

  /// Computed blocks that wait; with the one being written there are two.
  private let queueLength = 1

  init(work: [(block: Int, conditions: [Int])], plan: StorePlan, depth: Int) {
    self.work = work
    self.plan = plan
    self.depth = max(1, depth)
  }

  private func locked<Value>(_ body: () -> Value) -> Value {
    condition.lock()
    defer { condition.unlock() }
    return body()
  }

  var failure: (any Error)? { locked { firstFailure } }
  var unreadable: Int { locked { unreadableCount } }

  /// Stops all stages; the first error stays.
  func fail(_ error: any Error) {
    locked {
      if firstFailure == nil { firstFailure = error }
      condition.broadcast()
    }
  }

  /// No further block will be computed: decoders end, the writer empties its queue and ends.
  func endOfComputation() {
    locked {
      computationHasEnded = true
      condition.broadcast()
    }
  }

  // MARK: Decoding

  /// The next image to decode; waits while enough is decoded ahead; nil when there is no more to do.
  func nextImage() -> Task? {
    locked {
      while firstFailure == nil, !computationHasEnded, nextTask.position < work.count {
        guard nextTask.position <= computedBlocks + depth - 1 else {
          condition.wait()
          continue
        }
        let (position, place) = nextTask
        let rows = plan.rows(ofBlock: work[position].block)
        if place == 0 { decoding[position] = ([Image?](repeating: nil, count: rows.count), rows.count) }
        nextTask = place + 1 < rows.count ? (position, place + 1) : (position + 1, 0)
        return Task(
          position: position, place: place, row: rows.lowerBound + place, conditions: work[position].conditions)
      }
      return nil
    }
  }

  func store(_ image: Image, of task: Task) {
    locked {
      if case .failure = image { unreadableCount += 1 }
      decoding[task.position]?.images[task.place] = image
      decoding[task.position]?.missing -= 1
      if decoding[task.position]?.missing == 0 { condition.broadcast() }
    }
  }

  /// The images of a block once all are decoded; nil after a failure.
  func takeBlock(_ position: Int) -> [Image]? {
    locked {
      while firstFailure == nil {
        if let block = decoding[position], block.missing == 0 {
          decoding[position] = nil
          return block.images.compactMap { $0 }
        }
        condition.wait()
      }
      return nil
    }
  }

  // MARK: Writing

  /// Lets one more block be decoded.
  func blockIsComputed() {
    locked {
      computedBlocks += 1
      condition.broadcast()
    }
  }

  /// Hands a block to the writer; waits while the queue is full; false after a failure.
  func enqueue(_ block: Finished) -> Bool {
    locked {
      while firstFailure == nil, queue.count >= queueLength { condition.wait() }
      guard firstFailure == nil else { return false }
      queue.append(block)
      condition.broadcast()
      return true
    }
  }

  /// The next block to write; nil when there is no more, or after a failure.
  func nextFinished() -> Finished? {
    locked {
      while firstFailure == nil {
        if !queue.isEmpty {
          condition.broadcast()
          return queue.removeFirst()
        }
        if computationHasEnded { return nil }
        condition.wait()
      }
      return nil
    }
  }
}
