import Experiments
import Results
import Testing

/// Files that cannot be meant: every problem with its line and how to mend it.
@Suite struct SchemaTests {
  let place: Place

  init() throws {
    place = try Place()
    try place.fill()
  }

  private let head = """
    images: {shown: photos}
    models: {vit: zoo/vit, swin: zoo/swin}

    """

  @Test func notesAreOfSectionsThatTheReportWillHave() throws {
    let study =
      head + """
        features: {}
        analyses: [similarity]
        summary: |
          Two *words*.

          And more.
        notes:
          similarity: -first
          methods: second

        """
    let experiment = try Experiment(parsing: study, file: "study.yaml")
    #expect(experiment.summary == "Two *words*.\n\nAnd more.\n")
    #expect(experiment.report?.notes.map(\.section) == ["similarity", "methods"])
    #expect(experiment.report?.notes.map(\.text) == ["-first", "second"])
    #expect(
      problems(study.replacing("similarity: -first", with: "similarty: x"), in: place) == [
        "study.yaml, line 10: notes: the report has no section 'similarty' (did you mean 'similarity'?); sections are "
          + "similarity, compared, methods"
      ])
    #expect(
      problems(study.replacing("analyses: [similarity]", with: "report: false"), in: place).contains {
        $0.hasPrefix("study.yaml, line 5: experiment: summary is for the report, and there is none")
      })
  }

  @Test func unknownKeysAreRefusedWithTheNearest() {
    #expect(
      problems(head + "featurs: {taps: all}\n", in: place) == [
        "study.yaml, line 3: experiment: unknown key 'featurs' (did you mean 'features'?); known are title, summary, notes, output, seed, "
          + "device, threads, images, models, features, inverses, reconstructions, analyses, figures, report"
      ])
    #expect(
      problems(head + "features: {tap: all}\n", in: place) == [
        "study.yaml, line 3: features: unknown key 'tap' (did you mean 'taps'?); known are name, models, images, like, why, "
          + "taps, tokens, dtype, conditions, region, compression, batch-size, seed, strict"
      ])
    #expect(
      problems(head + "features: {}\nanalyses:\n  - analysis: similarty\n", in: place) == [
        "study.yaml, line 5: analyses: there is no analysis 'similarty' (did you mean 'similarity'?); there are "
          + AnalysisDefinition.all.map(\.name).joined(separator: ", ")
      ])
    #expect(
      problems(head + "features: {}\nanalyses:\n- analysis: similarity\n  tokens: mean\n  bootstraps: 5\n", in: place)
        .first?.hasPrefix("study.yaml, line 7: similarity: unknown key 'bootstraps' (did you mean 'bootstrap'?)")
        == true)
  }

  /// What a command refuses is refused where the file is read, with the values named.
  @Test func choicesOfAnalysesAreThoseOfTheirCommands() {
    let analyses = head + "features: {}\ninverses: {}\nreconstructions: {}\nanalyses:\n"
    #expect(
      problems(analyses + "- {analysis: quality, correction: none, interval: bca}\n", in: place) == [
        "study.yaml, line 7: correction is 'none'; give holm or benjamini-hochberg"
      ])
    #expect(
      problems(analyses + "- {analysis: quality, metrics: [psnr, sim]}\n", in: place) == [
        "study.yaml, line 7: metrics: 'sim' is unknown (did you mean 'ssim'?); give "
          + OptionDefinition.alternatives(QualityMetric.allCases.map(\.rawValue) + ["all"])
      ])
    #expect(
      problems(
        analyses + "- {analysis: similarity, measures: cka_lin, estimators: [], tokens: [mean, grid]}\n", in: place)
        == [
          "study.yaml, line 7: measures: 'cka_lin' is unknown (did you mean 'cka_linear'?); give cka_linear, cka_rbf, svcca, pwcca, procrustes, "
            + "procrustes_angle, rsa, rsa_tau, mutual_knn, linear_predictivity or all",
          "study.yaml, line 7: estimators is a list; give debiased, biased or minibatch",
          "study.yaml, line 7: tokens: 'grid' is unknown (did you mean 'grid:G'?); give flatten, mean, prefix, grid:G or "
            + "object",
        ])
    #expect(
      problems(
        analyses + "- {analysis: similarity, measures: all, estimators: [biased], tokens: [mean, \"grid:7\"]}\n",
        in: place
      ).isEmpty)
    #expect(!problems(analyses + "- {analysis: quality, metrics: [all, psnr]}\n", in: place).isEmpty)
  }

  @Test func devicesAreNamedAsOnTheCommandLine() {
    for name in ["auto", "cpu", "cuda", "cuda:1", "mps"] {
      #expect(problems(head + "device: \(name)\nfeatures: {}\n", in: place).isEmpty, "\(name)")
    }
    for name in ["gpu", "cuda:", "cuda:x", "cuda:-1", "auto:0", "cuda:99999999999"] {
      #expect(
        problems(head + "device: \"\(name)\"\nfeatures: {}\n", in: place) == [
          "study.yaml, line 3: device is '\(name)'; give auto, cpu, cuda, cuda:N or mps"
        ])
    }
  }

  @Test func valuesOfAnotherTypeAreRefusedWithWhatIsExpected() {
    let text =
      head + """
        seed: seven
        features:
          dtype: float8
          taps: {a: b}
          batch-size: 0
        inverses:
          epochs: many
          exact-embedding: perhaps
          weight-decay: [1]
        report: nice

        """
    #expect(
      problems(text, in: place) == [
        "study.yaml, line 3: seed is 'seven'; give a whole number of 0 or more",
        "study.yaml, line 5: dtype is 'float8'; give float32 or float16",
        "study.yaml, line 6: taps is a mapping; give names, as in [a, b]",
        "study.yaml, line 7: batch-size is '0'; give a whole number from 1 to 65536",
        "study.yaml, line 9: epochs is 'many'; give a whole number from 1 to 1000000",
        "study.yaml, line 10: exact-embedding is 'perhaps'; give true or false",
        "study.yaml, line 11: weight-decay is a list; give a number",
        "study.yaml, line 12: report is 'nice'; give a mapping of keys to values",
      ])
  }

  @Test func colourConditionsAreChecked() {
    let found = problems(head + "features: {conditions: [gray, rde]}\n", in: place)
    #expect(found.count == 1)
    #expect(
      found.first?.hasPrefix(
        "study.yaml, line 3: unknown condition 'rde' (did you mean 'red'?); conditions are original, red, green, blue, "
      )
        == true)
  }

  @Test func whatIsNoExperimentIsRefused() {
    #expect(problems("", in: place) == ["study.yaml is empty; palimpsest run --example prints one to begin with"])
    #expect(
      problems("- a\n", in: place) == ["study.yaml, line 1: an experiment is a list; give a mapping of keys to values"])
    #expect(
      problems("models: [\n", in: place).first?.hasPrefix("study.yaml, line 2: not YAML: while parsing a flow ") == true
    )
    #expect(
      problems("seed: 1\nseed: 2\n", in: place) == [
        "study.yaml, line 1: 'seed' stands twice in one mapping; give each key once"
      ])
    #expect(
      problems("seed: 1\n", in: place) == [
        "study.yaml, line 1: experiment: there are no images; add 'images:' with at least one",
        "study.yaml, line 1: experiment: there are no models; add 'models:' with at least one",
      ])
  }

  @Test func whatIsNotThereIsNamed() {
    #expect(
      problems("images: {shown: photo}\nmodels:\n  vit: zoo/vti\n", in: place) == [
        "study.yaml, line 1: images shown: HERE/photo is not there; relative paths are relative to the experiment's file",
        "study.yaml, line 3: model vit: HERE/zoo/vti is not there; relative paths are relative to the experiment's file",
      ])
    let references =
      head + """
        features: {models: [vti]}
        inverses: {inverse: ridge, images: hidden}
        reconstructions: {inverses: rigde}

        """
    #expect(
      problems(references, in: place) == [
        "study.yaml, line 3: there is no model 'vti' (did you mean 'vit'?); there are vit, swin",
        "study.yaml, line 4: there are no images 'hidden'; there is shown",
        "study.yaml, line 4: there are no images 'hidden'; there is shown",
        "study.yaml, line 5: there are no inverses 'rigde' (did you mean 'ridge'?); there is ridge",
      ])
    #expect(
      problems(head + "inverses: {load: \"old/{model}\", epochs: 3}\n", in: place) == [
        "study.yaml, line 3: inverses: epochs is for training, but load takes a folder as it is; leave one of them out"
      ])
    #expect(
      problems(head + "inverses: {load: \"old/{model}\", models: [vit]}\n", in: place) == [
        "study.yaml, line 3: inverses loaded of vit: HERE/old/vit is not there; relative paths are relative to the experiment's file"
      ])
    #expect(
      problems(head + "analyses: [similarity]\n", in: place) == [
        "study.yaml, line 3: similarity: there are no features to analyse; add 'features:' to the file"
      ])
  }

  @Test func circlesAreTold() {
    let circle =
      head + """
        features:
          - {name: a, like: b}
          - {name: b, like: a}

        """
    #expect(
      problems(circle, in: place) == ["study.yaml, line 4: features: a is like b is like a: a circle; break it"])
    #expect(
      problems("images:\n  a: {like: a}\nmodels: {vit: zoo/vit}\n", in: place).first
        == "study.yaml, line 2: images: a is like a: a circle; break it")
    #expect(
      problems(head + "features: [{name: a, like: c}]\n", in: place) == [
        "study.yaml, line 3: features: like names 'c', but there is none of that name (did you mean 'a'?)"
      ])
  }

  @Test func twoStepsNeverWriteTheSame() {
    #expect(
      problems(head + "features: [{taps: all}, {taps: stages}]\n", in: place).first
        == "study.yaml, line 3: features/vit and features/vit would both write HERE/study-results/stores/vit.h5; give one of "
        + "them another name")
    #expect(
      problems("images: {s: photos}\nmodels: {\"a/b\": zoo/vit}\n", in: place) == [
        "study.yaml, line 2: 'a/b' cannot be a name: it becomes part of file names; use letters, digits, '.', '_' and '-'"
      ])
  }

  @Test func whatCannotGoTogetherIsTold() {
    #expect(
      problems(
        head + "features: {tokens: mean}\ninverses: {inverse: ridge, features: features, models: vit}\n", in: place)
        == [
          "study.yaml, line 4: inverses ridge: features 'features' keep tokens: mean, but inverses need all"
        ])
    #expect(
      problems(head + "features: {region: objects, models: vit}\n", in: place) == [
        "study.yaml, line 3: region objects restricts colour conditions, but there are none; give conditions",
        "study.yaml, line 3: region objects needs masks; give the images shown annotations",
      ])
    #expect(
      problems(head + "features: {}\nanalyses: [color]\n", in: place) == [
        "study.yaml, line 4: color: there are no features or reconstructions with conditions to analyse; add 'features:' to "
          + "the file"
      ])
    #expect(
      problems(head + "inverses: {inverse: ridge}\nreconstructions: {}\nanalyses: [shape]\n", in: place) == [
        "study.yaml, line 5: shape needs to know where objects are; give the images shown annotations"
      ])
    let images =
      """
      images: {one: photos, two: photos}
      models: {vit: zoo/vit}
      features: [{images: one}, {name: more, images: two}]
      analyses: [similarity]

      """
    #expect(
      problems(images, in: place) == [
        "study.yaml, line 4: similarity compares stores of the same images, but these are of one and two; name those to "
          + "compare, as in features: [NAME]"
      ])
  }
}

/// Files that stand for more than they hold.
@Suite struct LargeFileTests {
  private func experiment(_ text: String) -> String? {
    do {
      _ = try Experiment(parsing: text, file: "study.yaml")
      return nil
    } catch let error as ExperimentError {
      return error.problems.joined(separator: "\n")
    } catch {
      return "\(error)"
    }
  }

  /// Ten lines of ten aliases each, which stand for ten thousand million values.
  @Test(arguments: ["[%]", "{a: %}"])
  func aliasesOfAliasesAreStopped(form: String) {
    var text = "a0: &a0 [x, x]\n"
    for level in 1...10 {
      let names =
        form == "[%]"
        ? "[" + Array(repeating: "*a\(level - 1)", count: 10).joined(separator: ", ") + "]"
        : "{" + (0..<10).map { "k\($0): *a\(level - 1)" }.joined(separator: ", ") + "}"
      text += "a\(level): &a\(level) \(names)\n"
    }
    #expect(
      experiment(text)?.contains(
        "with its aliases (*name) the file comes to more than 100000 values; write out what is meant") == true)
  }

  @Test func aliasesThemselvesAreFine() {
    let text = "title: &name a\noutput: *name\nimages: {a: b}\nmodels: {c: d}\n"
    #expect(experiment(text) == nil)
  }

  @Test(arguments: [
    (
      "images: {a: {scenes: {count: 99999999999999}}}\n",
      "count is '99999999999999'; give a whole number from 1 to 1000000"
    ),
    (
      "images: {a: b}\nmodels: {c: d}\nfeatures: {batch-size: 65537}\n",
      "batch-size is '65537'; give a whole number from 1 to 65536"
    ),
    ("threads: 1000000\n", "threads is '1000000'; give a whole number from 1 to 4096"),
  ])
  func countsHaveAnEnd(text: String, sentence: String) {
    #expect(experiment(text)?.contains(sentence) == true, "\(experiment(text) ?? "none")")
  }
}
