import Analysis
import Foundation
import NeuralNet
import Torch

extension LPIPS: PerceptualDistance {}

/// The networks of LPIPS, from the file of weights that the user gives.
public enum LPIPSWeights {
  /// The metric that each trunk is for. `lpips` is that of the package's own default.
  private static let metrics: [(metric: Quality.Metric, trunk: LPIPS.Trunk)] = [(.lpips, .alex), (.lpipsVGG, .vgg)]

  /// The networks that are wanted and in the file.
  ///
  /// - Throws: ``BadInput`` where the file is none of LPIPS, or its tensors do not fit.
  public static func networks(
    _ path: String, for wanted: [Quality.Metric], device: Device
  ) throws -> [Quality.Metric: any PerceptualDistance] {
    let recipe = "scripts/lpips_weights.py --out FILE writes such a file"
    do {
      let checkpoint = try Checkpoint(file: URL(fileURLWithPath: path))
      let present = LPIPS.trunks(in: checkpoint)
      guard !present.isEmpty else {
        throw BadInput("--lpips \(path): no tensor of it begins with 'alex.' or 'vgg.'; \(recipe)")
      }
      var networks: [Quality.Metric: any PerceptualDistance] = [:]
      for (metric, trunk) in metrics where wanted.contains(metric) && present.contains(trunk) {
        let network = LPIPS(trunk)
        try network.load(checkpoint)
        if device != .cpu { try network.move(to: device) }
        networks[metric] = network
      }
      return networks
    } catch let error as CheckpointError {
      throw BadInput("--lpips: \(error); \(recipe)")
    }
  }
}
