import Activations
import ArgumentParser
import Backbones
import Imaging
import Inversion
import Pipelines

// Values of options that are one of a few, so that help and completion list them and anything else is refused with the list.

extension Preprocessing.Profile: ExpressibleByArgument {}
extension ModelControl: ExpressibleByArgument {}
extension StorePrecision: ExpressibleByArgument {}
extension TokenSelection: ExpressibleByArgument {}
extension TrainingMode: ExpressibleByArgument {}
extension ModuleLoss: ExpressibleByArgument {}
extension BestWeights: ExpressibleByArgument {}
extension InverseKind: ExpressibleByArgument {}
extension InverseProfile: ExpressibleByArgument {}
extension LearningRateSchedule: ExpressibleByArgument {}
extension InverseFolder.Kept: ExpressibleByArgument {}

extension StoreCompression: ExpressibleByArgument {
  /// Reads `none`, `deflate` (level 4) or `deflate:LEVEL`.
  public init?(argument: String) {
    switch argument {
    case "none": self = .none
    case "deflate": self = .deflate(level: 4)
    default:
      guard argument.hasPrefix("deflate:"), let level = Int(argument.dropFirst("deflate:".count)),
        (1...9).contains(level)
      else { return nil }
      self = .deflate(level: level)
    }
  }

  public var defaultValueDescription: String { description }

  public static var allValueStrings: [String] { ["none", "deflate"] + (1...9).map { "deflate:\($0)" } }
}
