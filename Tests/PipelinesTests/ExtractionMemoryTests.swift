import Backbones
import Formats
import Pipelines
import Testing

/// The bound on what activations take while a store is filled, against shapes that were multiplied by hand.
@Suite struct ExtractionMemoryTests {
  /// 4 tokens of 8 numbers: 128 bytes an image.
  private static let layer = Tap(name: "block.0", tokens: 4, channels: 8, depth: 1)

  @Test func threeBatchesOfWhatIsKept() {
    #expect(ExtractionMemory(taps: [Self.layer], tokens: .all, batchSize: 10).bytes == 3 * 10 * 128)
    let two = [Self.layer, Tap(name: "block.1", tokens: 4, channels: 8, depth: 2)]
    #expect(ExtractionMemory(taps: two, tokens: .all, batchSize: 1).bytes == 6 * 128)
  }

  @Test func meansTakeOneTokenOfEachTap() {
    #expect(ExtractionMemory(taps: [Self.layer], tokens: .mean, batchSize: 10).bytes == 3 * 10 * 32)
  }

  /// 2 heads × 3 queries × 3 keys: 72 bytes an image, three batches that are kept, the scores and their softmax.
  @Test func attentionWeightsTakeScoresAndSoftmaxOnTop() {
    let weights = Tap(name: "block.1.attention.weights", tokens: 6, channels: 3, parent: "block.0", role: .weights)
    #expect(ExtractionMemory(taps: [weights], tokens: .all, batchSize: 10).bytes == (3 + 2) * 10 * 72)
  }

  @Test func whatIsTooMuchIsNamedWithTheRemedy() throws {
    let memory = ExtractionMemory(taps: [Self.layer], tokens: .all, batchSize: 10)
    try memory.require(of: 3840)
    let error = #expect(throws: BadInput.self) { try memory.require(of: 3839) }
    #expect("\(error.map { "\($0)" } ?? "")".contains("most of it block.0"))
    #expect("\(error.map { "\($0)" } ?? "")".contains("--batch-size"))
  }

  /// Products of sizes that no machine has end at the largest number instead of trapping.
  @Test func sizesThatOverflowAreTooMuch() {
    let vast = Tap(name: "block.0", tokens: .max / 4, channels: 8, depth: 1)
    let memory = ExtractionMemory(taps: [vast], tokens: .all, batchSize: 1 << 20)
    #expect(throws: BadInput.self) { try memory.require(of: .max - 1) }
  }
}
