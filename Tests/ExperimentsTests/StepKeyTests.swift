import Experiments
import Results
import Testing

/// What a step's key is made of: nothing that decides a result may be left out.
@Suite struct StepKeyTests {
  /// Every kind of step with all the settings that it takes.
  private static let kinds: [(kind: Step.Kind, settings: [OptionDefinition])] =
    [
      (.draw, StepSettings.scenes), (.extract, StepSettings.model + StepSettings.features),
      (.train, StepSettings.model + StepSettings.inverses),
      (.reconstruct, StepSettings.model + StepSettings.reconstructions),
      (.report, StepSettings.report),
    ] + AnalysisDefinition.all.map { (.analyze, $0.options) }

  private func hash(
    _ kind: Step.Kind, _ settings: [GivenSetting], name: String = "a/step", tool: String = "1", input: String = "12",
    need: String = "34"
  ) -> String {
    let step = Step(
      name: name, kind: kind, arguments: [], settings: settings, inputs: [Step.Input("images", .model("m"))],
      needs: ["before"], output: "out")
    return StepKey(step, tool: tool, inputs: [input], needs: [need]).hash
  }

  @Test func everySettingOfEveryKindOfStepIsPartOfItsKey() {
    for (kind, settings) in Self.kinds {
      let given = settings.map { GivenSetting($0.name, "first") }
      let whole = hash(kind, given)
      for index in given.indices {
        var changed = given
        changed[index] = GivenSetting(given[index].name, "second")
        #expect(hash(kind, changed) != whole, "\(kind.rawValue): \(given[index].name) changed")
        changed.remove(at: index)
        #expect(hash(kind, changed) != whole, "\(kind.rawValue): \(given[index].name) left out")
      }
      #expect(hash(kind, given.reversed()) == whole)
    }
  }

  @Test func everythingElseThatDecidesAResultIsPartOfTheKey() {
    let whole = hash(.extract, [])
    #expect(hash(.train, []) != whole)
    #expect(hash(.extract, [], name: "another/step") != whole)
    #expect(hash(.extract, [], tool: "2") != whole)
    #expect(hash(.extract, [], input: "13") != whole)
    #expect(hash(.extract, [], need: "35") != whole)
  }
}
