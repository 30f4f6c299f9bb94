import Formats
import Foundation
import Inversion

extension InverseFolder {
  /// SHA-256 over those of the weights' files, in order of depth.
  func digest(_ plan: TrainingPlan, _ kept: Kept) throws -> String {
    let sums = plan.cuts.map { FileHash.sha256(weightsURL($0, kept).path) ?? "" }
    return ContentDigest(sums.joined(separator: "\n")).hexadecimal
  }
}
