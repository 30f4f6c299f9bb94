import Formats
import Foundation
import Inversion

extension InverseFolder {
  /// SHA-256 over those of the weights' files, in order of depth.
  func digest(_ plan: TrainingPlan, _ kept: Kept) throws -> String {
    FileHash.sha256(of: plan.cuts.map { FileHash.sha256(weightsURL($0, kept).path) ?? "" })
  }
}

extension FileHash {
  /// SHA-256 of lines of text, hexadecimal.
  static func sha256(of lines: [String]) -> String {
    ContentDigest(lines.joined(separator: "\n")).hexadecimal
  }
}
