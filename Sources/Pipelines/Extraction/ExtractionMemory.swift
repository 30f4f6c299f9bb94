import Backbones
import Formats
import HDF5

/// The most memory that activations take while a store is filled: three batches of what is kept (one that is computed, one that
/// waits, one that is written), and for attention weights their scores and softmax of one block.
///
/// The network's own values come on top; of models that fit at all they are small beside attention weights.
package struct ExtractionMemory {
  package let bytes: Int
  private let batchSize: Int
  /// The tap that takes most.
  private let largest: String

  /// - Parameters:
  ///   - taps: those asked for, as the model gives them.
  ///   - tokens: which of their tokens are kept.
  package init(taps: [Tap], tokens: TokenSelection, batchSize: Int) {
    self.batchSize = batchSize
    func bytes(_ tap: Tap) -> Int { DeclaredSize.clampedProduct([batchSize, tap.tokens, tap.channels, 4]) }
    let kept = taps.compactMap(tokens.reduce)
    let scores = taps.filter { $0.role == .weights }.map(bytes).max() ?? 0
    self.bytes = DeclaredSize.clampedSum(kept.map { DeclaredSize.clampedProduct([3, bytes($0)]) } + [scores, scores])
    largest = kept.max { bytes($0) < bytes($1) }?.name ?? ""
  }

  /// - Parameter memory: what the process may take, in bytes: ``Host/grantedMemoryBytes``.
  /// - Throws: ``BadInput`` with the figures where it has less.
  package func require(of memory: Int) throws {
    guard bytes > memory else { return }
    throw BadInput(
      "the activations take up to \(NumberText.bytes(bytes)) of memory at once in batches of \(batchSize), most of it \(largest), but the "
        + "machine, or the job, grants \(NumberText.bytes(memory)); give a smaller --batch-size or fewer --taps")
  }
}
