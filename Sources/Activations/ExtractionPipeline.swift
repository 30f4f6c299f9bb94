import Formats
import Foundation

/// An image as a decoder hands it on.
public struct DecodedImage<Pixels: Sendable>: Sendable {
  /// What the computation takes: pixels of one image under every condition asked for.
  public let pixels: Pixels
  /// Height and width of the picture in the file.
  public let height: Int
  public let width: Int
  /// What the file is known by; nil where that is not known.
  public let content: ContentIdentity?

  public init(pixels: Pixels, height: Int, width: Int, content: ContentIdentity? = nil) {
    self.content = content
    self.pixels = pixels
    self.height = height
    self.width = width
  }
}

/// The images of one block for one pass through the model.
public struct ComputationRequest<Pixels: Sendable>: Sendable {
  /// Index into the plan's conditions.
  public let condition: Int
  public let block: Int
  /// Rows of the images that could be read, in order.
  public let rows: [Int]
  /// Their pixels, at least one.
  public let images: [Pixels]
}

/// What the model made of a request.
///
/// `@unchecked Sendable`: it is handed from the thread that computed it to those that write, which only read the buffers;
/// `owner` keeps them and is let go by one of them.
public struct ComputedBlock: @unchecked Sendable {
  /// For each tap of the plan, float32 rows of the images of the request.
  public let taps: [UnsafeRawBufferPointer]
  /// `[images, height, width, 3]` bytes; nil where the plan has no inputs.
  public let inputs: UnsafeRawBufferPointer?
  /// For each reconstruction of the plan, `[images, height, width, 3]` bytes.
  public let reconstructions: [UnsafeRawBufferPointer]
  /// `[images, starts, joints]` float32; nil where the plan has no joints.
  public let joints: UnsafeRawBufferPointer?
  /// Whatever owns that memory. It is held until the rows are written, and then let go on another thread.
  public let owner: Any

  public init(
    taps: [UnsafeRawBufferPointer], inputs: UnsafeRawBufferPointer?, reconstructions: [UnsafeRawBufferPointer] = [],
    joints: UnsafeRawBufferPointer? = nil, owner: Any
  ) {
    self.taps = taps
    self.inputs = inputs
    self.reconstructions = reconstructions
    self.joints = joints
    self.owner = owner
  }
}

/// How far a pipeline is.
public struct ExtractionProgress: Sendable, Equatable {
  /// Rows that are in the store, over all conditions, those of earlier runs included.
  public let rowsDone: Int
  public let rowsTotal: Int
  /// Bytes of pixels and features written by this run, before compression.
  public let bytesWritten: Int
  /// Images that this run could not read.
  public let unreadable: Int
}

/// Fills a store in three stages that overlap: threads that decode, the calling thread that computes, and a thread that
/// writes (using more for conversion, checksums and compression).
///
/// At most `depth` blocks are decoded ahead and at most two computed blocks are in memory beside the one being
/// computed. What an image holds decides its rows alone, so that any number of threads gives the same bytes.
public struct ExtractionPipeline<Pixels: Sendable>: Sendable {
  public typealias Decode = @Sendable (_ row: Int, _ conditions: [Int]) throws -> DecodedImage<Pixels>

  /// How a run ended when nothing failed.
  public enum Outcome: Sendable, Equatable {
    case finished, interrupted
  }

  public let writer: FeatureStoreWriter
  /// Threads that decode.
  public var decodingThreads = 2
  /// Blocks that are decoded ahead of the computation.
  public var depth = 2
  /// Stop at the first image that cannot be read instead of recording and skipping it.
  public var isStrict = false
  /// Asked between blocks; true ends the run in good order.
  public var isCancelled: @Sendable () -> Bool = { false }
  /// Asked after an interruption: true leaves compressed chunks in their journal, from where the next run goes on, instead of putting
  /// the store together.
  public var leavesJournal: @Sendable () -> Bool = { false }
  /// Told of every image that cannot be read: its row and why. From a decoding thread.
  public var onUnreadable: @Sendable (_ row: Int, _ reason: String) -> Void = { _, _ in }
  /// Told after every block. From the writing thread.
  public var onProgress: @Sendable (ExtractionProgress) -> Void = { _ in }
  private let decode: Decode

  /// - Parameter decode: makes the pixels of the image of a row for the conditions given (indices into the plan's). What
  ///   it throws is recorded as the reason why the image could not be read. Called from several threads.
  public init(writer: FeatureStoreWriter, decode: @escaping Decode) {
    self.writer = writer
    self.decode = decode
  }

  /// Does what is left to do and closes the writer.
  ///
  /// - Parameter compute: runs the model; called on the calling thread only.
  /// - Throws: the first error of any stage. The store then keeps every block that was complete.
  public func run(
    compute: (ComputationRequest<Pixels>) throws -> ComputedBlock
  ) throws -> Outcome {
    let work = writer.remainingBlocks()
    let state = PipelineState<Pixels>(work: work, plan: writer.plan, depth: depth)
    let threads = ThreadGroup()
    for _ in 0..<max(1, decodingThreads) {
      threads.start { decodeImages(state) }
    }
    threads.start { writeBlocks(state) }
    var outcome = Outcome.finished
    do {
      outcome = try computeBlocks(work, state, compute)
      state.endOfComputation()
    } catch {
      state.fail(error)
    }
    threads.wait()
    if let error = state.failure {
      writer.abandon()
      throw error
    }
    if outcome == .interrupted, leavesJournal() { writer.abandon() } else { try writer.close() }
    return outcome
  }

  // MARK: Stages

  private func decodeImages(_ state: PipelineState<Pixels>) {
    while let task = state.nextImage() {
      do {
        state.store(.success(try decode(task.row, task.conditions)), of: task)
      } catch {
        let reason = "\(error)"
        if isStrict {
          let path = writer.plan.images[task.row].path
          state.fail(StoreError(.badRequest, "\(path) cannot be read: \(reason); repair it, or leave --strict out"))
          return
        }
        onUnreadable(task.row, reason)
        state.store(.failure(PipelineState<Pixels>.Unreadable(reason: reason)), of: task)
      }
    }
  }

  private func computeBlocks(
    _ work: [(block: Int, conditions: [Int])], _ state: PipelineState<Pixels>,
    _ compute: (ComputationRequest<Pixels>) throws -> ComputedBlock
  ) throws -> Outcome {
    for (position, item) in work.enumerated() {
      if isCancelled() { return .interrupted }
      guard let images = state.takeBlock(position) else { return .interrupted }
      let rows = writer.plan.rows(ofBlock: item.block)
      let outcomes = images.map { image -> ImageOutcome in
        switch image {
        case .success(let decoded): .read(height: decoded.height, width: decoded.width)
        case .failure(let unreadable): .failed(reason: unreadable.reason)
        }
      }
      let contents = images.map { image in (try? image.get())?.content }
      let read = zip(rows, images).compactMap { row, image in (try? image.get()).map { (row, $0.pixels) } }
      for condition in item.conditions {
        if isCancelled() { return .interrupted }
        let computed: ComputedBlock
        if read.isEmpty {
          // Nothing to compute: rows of zeros.
          let empty = UnsafeRawBufferPointer(start: nil, count: 0)
          computed = ComputedBlock(
            taps: writer.plan.taps.map { _ in empty }, inputs: nil,
            reconstructions: writer.plan.reconstructions.map { _ in empty }, owner: ())
        } else {
          computed = try compute(
            ComputationRequest(
              condition: condition, block: item.block, rows: read.map(\.0), images: read.map(\.1)))
        }
        let block = FeatureBlock(
          condition: condition, block: item.block, outcomes: outcomes, contents: contents, taps: computed.taps,
          inputs: computed.inputs, reconstructions: computed.reconstructions, joints: computed.joints)
        guard state.enqueue(PipelineState<Pixels>.Finished(block: block, owner: computed.owner)) else {
          return .interrupted
        }
      }
      state.blockIsComputed()
    }
    return .finished
  }

  private func writeBlocks(_ state: PipelineState<Pixels>) {
    let total = writer.plan.images.count * writer.plan.conditions.count
    while let finished = state.nextFinished() {
      do {
        try withExtendedLifetime(finished.owner) { try writer.write(finished.block) }
      } catch {
        state.fail(error)
        return
      }
      onProgress(
        ExtractionProgress(
          rowsDone: writer.rowsDone, rowsTotal: total, bytesWritten: writer.bytesWritten,
          unreadable: state.unreadable))
    }
  }
}

/// Threads that are started together and waited for.
final class ThreadGroup: Sendable {
  private let group = DispatchGroup()

  func start(_ body: @escaping @Sendable () -> Void) {
    group.enter()
    let thread = Thread { [group] in
      body()
      group.leave()
    }
    // Image decoders need more than the default stack of 512 KiB.
    thread.stackSize = 8 << 20
    thread.start()
  }

  func wait() { group.wait() }
}
