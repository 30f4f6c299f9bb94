import Crypto
import Foundation
import Inversion

extension InverseFolder {
  /// SHA-256 over those of the weights' files, in order of depth.
  func digest(_ plan: TrainingPlan, _ kept: Kept) throws -> String {
    let sums = plan.cuts.map { FileHash.sha256(weightsURL($0, kept).path) ?? "" }
    return SHA256.hash(data: Data(sums.joined(separator: "\n").utf8)).map {
      ($0 < 16 ? "0" : "") + String($0, radix: 16)
    }.joined()
  }
}
