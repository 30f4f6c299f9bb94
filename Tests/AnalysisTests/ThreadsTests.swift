import Analysis
import Foundation
import Synchronization
import Testing
import Torch

#if compiler(>=6.2)
  @Suite struct ThreadsTests {
    /// `--threads` sets libtorch's threads; the loops of analyses used every core nevertheless. In a process of its own: the
    /// number of threads is of the whole process, and other tests record it.
    @Test func loopsUseNoMoreThreadsThanLibtorch() async {
      await #expect(processExitsWith: .success) {
        Runtime.threads = 1
        let threads = Mutex<Set<ObjectIdentifier>>([])
        inParallel(200) { _ in
          threads.withLock { _ = $0.insert(ObjectIdentifier(Thread.current)) }
          var sum = 0.0
          for value in 0..<5000 { sum += Double(value).squareRoot() }
          #expect(sum > 0)
        }
        #expect(threads.withLock { $0.count } == 1)
      }
    }
  }
#endif
