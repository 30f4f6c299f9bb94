import Dispatch
import Synchronization

/// Runs `body` for every index on up to `threads` threads and throws the first error after all have stopped.
package func inParallel(_ count: Int, threads: Int, _ body: @escaping @Sendable (Int) throws -> Void) throws {
  guard threads > 1, count > 1 else {
    for index in 0..<count { try body(index) }
    return
  }
  let next = Mutex(0)
  let failure = Mutex<(any Error)?>(nil)
  DispatchQueue.concurrentPerform(iterations: min(threads, count)) { _ in
    while true {
      let index = next.withLock { next -> Int in
        defer { next += 1 }
        return next
      }
      guard index < count else { return }
      do {
        try body(index)
      } catch {
        failure.withLock { if $0 == nil { $0 = error } }
        next.withLock { $0 = count }
        return
      }
    }
  }
  if let error = failure.withLock({ $0 }) { throw error }
}
