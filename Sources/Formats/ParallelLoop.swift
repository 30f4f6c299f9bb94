import Dispatch
import Synchronization

/// Runs `body` for `0 ..< count` on up to `threads` threads and throws the first error after all have stopped. Results do
/// not depend on the number of threads if each call writes only what is its own.
public func inParallel<Failure: Error>(
  _ count: Int, threads: Int, _ body: @Sendable (Int) throws(Failure) -> Void
) throws(Failure) {
  guard threads > 1, count > 1 else {
    for index in 0..<max(0, count) { try body(index) }
    return
  }
  let next = Atomic(0)
  let failure = Mutex<Failure?>(nil)
  DispatchQueue.concurrentPerform(iterations: min(threads, count)) { _ in
    while true {
      let index = next.wrappingAdd(1, ordering: .relaxed).oldValue
      guard index < count else { return }
      do throws(Failure) {
        try body(index)
      } catch {
        failure.withLock { if $0 == nil { $0 = error } }
        next.store(count, ordering: .relaxed)
        return
      }
    }
  }
  if let error = failure.withLock({ $0 }) { throw error }
}
