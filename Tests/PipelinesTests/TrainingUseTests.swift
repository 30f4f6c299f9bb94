import Experiments
import Foundation
import Inversion
import Pipelines
import Testing

/// Settings of a training that would change nothing are refused, whoever asks for the job.
struct TrainingUseTests {
  private func refusal(_ change: (inout TrainingJob) -> Void) -> String? {
    var job = TrainingJob(model: ModelSource("m"), source: .images("i"), out: "o")
    change(&job)
    do {
      try job.requireUse()
      return nil
    } catch {
      return "\(error)"
    }
  }

  @Test func settingsWithoutUseAreRefused() {
    #expect(refusal { _ in } == nil)
    #expect(refusal { $0.neighbourhood = 3 } == "--neighbourhood belongs to --inverse ridge and residual")
    #expect(refusal { ($0.inverse, $0.neighbourhood) = (.ridge, 3) } == nil)
    #expect(refusal { ($0.inverse, $0.neighbourhood) = (.residual, 4) } == "--neighbourhood is 4; give 1, 3, 5 or 7")
    #expect(
      refusal { ($0.inverse, $0.epochs) = (.ridge, 3) }
        == "--epochs is for networks; --inverse ridge is made in one pass, without steps")
    #expect(
      refusal { ($0.mode, $0.hasInputNoise) = (.endToEnd, true) }
        == "--input-noise is for modules; --mode end-to-end trains chains on the image error")
    #expect(refusal { ($0.inverse, $0.featureShare) = (.network, 0.5) } == "--feature-share belongs to --loss image")
  }

  @Test func textsAreRead() throws {
    #expect(try TrainingJob.ModuleRate.list("1e-3, embed=2e-4").map(\.rate) == [1e-3, 2e-4])
    #expect(try TrainingJob.ModuleRate.list("1e-3, embed=2e-4").map(\.module) == [nil, "embed"])
    #expect(throws: BadInput.self) { try TrainingJob.ModuleRate.list("embed=-1") }
    #expect(try TrainingJob.ridge("auto") == nil && TrainingJob.ridge("0.5") == 0.5)
    #expect(throws: BadInput.self) { try TrainingJob.ridge("-1") }
  }

  /// An experiment takes the same squares of tokens as the command.
  @Test func experimentsTakeTheSameNeighbourhoods() {
    let values = StepSettings.inverses.first { $0.name == "neighbourhood" }?.values
    #expect(values == TrainingJob.neighbourhoods.map(String.init))
  }
}
