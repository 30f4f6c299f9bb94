import Foundation
import Inversion

extension TrainingJob {
  /// Sides of the square of tokens that a least-squares map may take.
  public static let neighbourhoods = [1, 3, 5, 7]

  /// Refuses settings that the kind of inverse has no use for, which would change nothing.
  ///
  /// - Throws: ``BadInput``, in the words of the command line.
  public func requireUse() throws {
    if inverse.isClosedForm && mode == .polish {
      throw BadInput("--mode modular-then-polish is for networks; --inverse \(inverse.rawValue) is made in closed form")
    }
    if inverse.isClosedForm, let flag = stepFlags.first(where: \.isGiven)?.name {
      throw BadInput("\(flag) is for networks; --inverse \(inverse.rawValue) is made in one pass, without steps")
    }
    if mode == .endToEnd, let flag = moduleFlags.first(where: \.isGiven)?.name {
      throw BadInput("\(flag) is for modules; --mode end-to-end trains chains on the image error")
    }
    guard featureShare == nil || (loss ?? inverse.defaultLoss) == .image else {
      throw BadInput("--feature-share belongs to --loss image")
    }
    guard !hasExactEmbedding || inverse == .network || inverse.hasRidge else {
      throw BadInput(
        "--exact-embedding is for --inverse network, residual and ridge; \(inverse.rawValue) does not undo the embedding"
      )
    }
    let mapFlags = [("--ridge", ridge != nil), ("--neighbourhood", neighbourhood != nil)]
    if !inverse.hasRidge, let flag = mapFlags.first(where: \.1)?.0 {
      throw BadInput("\(flag) belongs to --inverse ridge and residual")
    }
    if let neighbourhood, !Self.neighbourhoods.contains(neighbourhood) {
      let sides = Self.neighbourhoods.map(String.init)
      throw BadInput(
        "--neighbourhood is \(neighbourhood); give \(sides.dropLast().joined(separator: ", ")) or \(sides.last ?? "")")
    }
  }

  /// Reads `auto`, which is nil, or a ridge.
  ///
  /// - Throws: ``BadInput`` for what is neither.
  public static func ridge(_ text: String) throws -> Double? {
    guard text != "auto" else { return nil }
    guard let value = Double(text), value >= 0, value.isFinite else {
      throw BadInput("--ridge is '\(text)'; give auto or a number of 0 or more")
    }
    return value
  }

  /// Flags that only modules trained on their own have a use for, and whether they say anything but the default.
  private var moduleFlags: [(name: String, isGiven: Bool)] {
    [("--loss", loss != nil), ("--feature-share", featureShare != nil), ("--input-noise", hasInputNoise)]
  }

  /// Flags that only a training in steps has a use for, and whether they say anything but the default.
  private var stepFlags: [(name: String, isGiven: Bool)] {
    let plain = TrainingJob(model: model, source: source, out: out)
    return moduleFlags + [
      ("--best", best != nil),
      ("--epochs", epochs != plain.epochs), ("--accumulate", accumulation != plain.accumulation),
      ("--learning-rate", !rates.isEmpty), ("--schedule", schedule != plain.schedule),
      ("--warmup", warmupSteps != plain.warmupSteps),
      ("--optimizer", optimizer.decaysWeights != plain.optimizer.decaysWeights),
      ("--weight-decay", optimizer.weightDecay != plain.optimizer.weightDecay),
      ("--patience", patience != plain.patience),
      ("--polish-epochs", polishEpochs != nil),
    ]
  }
}

extension TrainingJob.ModuleRate {
  /// Reads `RATE`, for all modules, or `TAP=RATE`, several separated by commas.
  ///
  /// - Throws: ``BadInput`` for what is no positive number.
  public static func list(_ text: String) throws -> [TrainingJob.ModuleRate] {
    try text.split(separator: ",").map { part in
      let pair = part.split(separator: "=", maxSplits: 1).map { $0.trimmingCharacters(in: .whitespaces) }
      guard let text = pair.last, let rate = Double(text), rate > 0, rate.isFinite else {
        throw BadInput("--learning-rate is '\(part)'; give a positive number, or TAP=NUMBER for a module")
      }
      return TrainingJob.ModuleRate(module: pair.count == 2 ? pair[0] : nil, rate: rate)
    }
  }
}
