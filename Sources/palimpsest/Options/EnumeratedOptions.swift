import Activations
import ArgumentParser
import Backbones
import Imaging
import Inversion
import Pipelines
import Results
import Terminal

// Values of options that are one of a few, so that help and completion list them and anything else is refused with the list.

extension Preprocessing.Profile: ExpressibleByArgument {}
extension ProgressStyle: ExpressibleByArgument {}
extension ColorChoice: ExpressibleByArgument {}
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
extension ComponentSharing: ExpressibleByArgument {}

extension StoreCompression: ExpressibleByArgument {
  public init?(argument: String) { self.init(argument) }

  public var defaultValueDescription: String { description }

  public static var allValueStrings: [String] { names }
}
