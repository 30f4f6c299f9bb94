import Foundation
import Synchronization

/// Makes values for rows ahead of time on a thread of its own, one set of rows at a time.
final class Prefetcher<Value: Sendable>: Sendable {
  private final class Pending: Sendable {
    let rows: [Int]
    private let result = Mutex<Result<Value, any Error>?>(nil)
    private let done = DispatchSemaphore(value: 0)

    init(rows: [Int]) { self.rows = rows }

    func finish(_ value: Result<Value, any Error>) {
      result.withLock { $0 = value }
      done.signal()
    }

    func wait() -> Result<Value, any Error>? {
      done.wait()
      return result.withLock { $0 }
    }
  }

  private let make: @Sendable ([Int]) throws -> Value
  private let pending = Mutex<Pending?>(nil)

  init(make: @escaping @Sendable ([Int]) throws -> Value) { self.make = make }

  /// Starts on rows that will be taken next.
  func announce(_ rows: [Int]) {
    let started = Pending(rows: rows)
    pending.withLock { $0 = started }
    let thread = Thread { [make] in started.finish(Result { try make(rows) }) }
    // Image decoders need more than the default 512 KiB stack.
    thread.stackSize = 8 << 20
    thread.start()
  }

  /// The value for rows: what was announced, else made now.
  func take(_ rows: [Int]) throws -> Value {
    let announced = pending.withLock { pending -> Pending? in
      defer { pending = nil }
      return pending
    }
    if let announced, announced.rows == rows, let result = announced.wait() { return try result.get() }
    return try make(rows)
  }
}
