import Foundation
import Reports
import Testing

/// Results over depth follow the tree of a model's taps.
@Suite struct TapTreeTests {
  private static let header = "store_a,tap_a,store_b,tap_b,measure,estimator,n,value,low,high\n"

  /// All pairs of one store's taps; neighbours in the list are the less alike the deeper they are.
  private func similarity(_ store: String, _ taps: [String]) -> String {
    var text = ""
    for a in taps.indices {
      for b in taps.indices.dropFirst(a) {
        let value = a == b ? 1 : 0.9 - 0.05 * Double(b) - 0.01 * Double(b - a)
        text += "\(store),\(taps[a]),\(store),\(taps[b]),cka_linear,debiased,200,\(value),,\n"
      }
    }
    return text
  }

  private func provenance(_ stores: [(name: String, taps: [String], parents: [String]?, roles: [String]?)]) throws
    -> String
  {
    let provenance = Provenance(
      tool: nil, command: nil, startedAt: nil, finishedAt: nil, seed: nil, threads: nil, settings: nil, inputs: nil,
      outputs: nil, host: nil,
      stores: stores.map {
        .init(
          name: $0.name, model: nil, family: nil, checkpointSHA256: nil, images: 200, taps: $0.taps, preprocessing: nil,
          tokens: nil, parents: $0.parents, roles: $0.roles)
      })
    return String(decoding: try provenance.encoded(), as: UTF8.self)
  }

  /// What a figure over depth is drawn from: labels and how many of them are detached, by panel.
  private func panels(_ folder: ResultsFolder, _ figure: String) throws -> [(labels: [String], detached: Int?)] {
    let data = try Data(contentsOf: folder.output.appendingPathComponent("data/\(figure).json"))
    func find(_ value: Any) -> [[String: Any]]? {
      if let object = value as? [String: Any] {
        if let panels = object["panels"] as? [[String: Any]] { return panels }
        return object.values.lazy.compactMap(find).first
      }
      return nil
    }
    let found = try #require(find(try JSONSerialization.jsonObject(with: data)))
    return found.map { ($0["labels"] as? [String] ?? [], $0["detached"] as? Int) }
  }

  /// The two heads of a detector stand beside each other: no step leads from one to the other, and no line.
  @Test func headsAreSiblings() throws {
    let folder = try ResultsFolder()
    let taps = ["encoder.0", "decoder.0", "decoder.1", "logits", "boxes"]
    try folder.write(Self.header + similarity("D", taps), "similarity.csv")
    try folder.write(
      provenance([
        (
          "D", taps, ["", "encoder.0", "decoder.0", "decoder.1", "decoder.1"],
          ["trunk", "trunk", "trunk", "head", "head"]
        )
      ]), "provenance.json")
    _ = try folder.builder.build()
    let page = try folder.page()
    // By hand: decoder.0 to decoder.1 is 0.9 − 0.1 − 0.01, the least of the two steps between layers.
    #expect(page.contains("In D, neighbouring layers change most from decoder.0 to decoder.1 (CKA 0.790)"))
    #expect(!page.contains("from logits to boxes") && !page.contains("from decoder.1 to logits"))
    let panel = try #require(try panels(folder, "along-depth-cka_linear-debiased").first)
    #expect(panel.labels == taps && panel.detached == 2)
  }

  /// A stage's output and its last block's are one position.
  @Test func anotherNameOfAValueIsLeftOut() throws {
    let folder = try ResultsFolder()
    let taps = [
      "embed", "stage.0.block.0", "stage.0.block.1", "stage.0", "stage.1.block.0", "stage.1", "norm", "logits",
    ]
    // Stores of an earlier version do not record the tree; these names tell it.
    try folder.write(Self.header + similarity("S", taps), "similarity.csv")
    try folder.write(provenance([("S", taps, nil, nil)]), "provenance.json")
    _ = try folder.builder.build()
    let page = try folder.page()
    #expect(!page.contains("from stage.0.block.1 to stage.0 ") && !page.contains("from norm to logits"))
    #expect(page.contains("change most from stage.0.block.1 to stage.1.block.0"))
    let panel = try #require(try panels(folder, "along-depth-cka_linear-debiased").first)
    #expect(
      panel.labels == ["embed", "stage.0.block.0", "stage.0.block.1", "stage.1.block.0", "norm", "logits"]
        && panel.detached == 2)
  }

  /// Taps of another program are layers in the order of its list, whatever some are called.
  @Test func namesOfOthersAreTakenAsTheyStand() throws {
    let folder = try ResultsFolder()
    let taps = ["stem", "logits", "tail"]
    try folder.write(Self.header + similarity("O", taps), "similarity.csv")
    _ = try folder.builder.build()
    #expect(try folder.page().contains("from logits to tail"))
    let panel = try #require(try panels(folder, "along-depth-cka_linear-debiased").first)
    #expect(panel.labels == taps && panel.detached == nil)
  }

  /// What is inside blocks is no step between layers: heat maps have it in its place, lines over depth leave it out.
  @Test func whatIsInsideBlocksIsBesideTheLayers() throws {
    let folder = try ResultsFolder()
    let taps = ["embed", "block.0.attention.q", "block.0.mlp.hidden", "block.0", "block.1.attention.q", "block.1"]
    try folder.write(Self.header + similarity("V", taps), "similarity.csv")
    try folder.write(
      provenance([
        (
          "V", taps, ["", "embed", "embed", "embed", "block.0", "block.0"],
          ["trunk", "inside", "inside", "trunk", "inside", "trunk"]
        )
      ]), "provenance.json")
    _ = try folder.builder.build()
    let page = try folder.page()
    // By hand: embed to block.0 is 0.9 − 0.15 − 0.03, block.0 to block.1 is 0.9 − 0.25 − 0.02, the least of both.
    #expect(page.contains("In V, neighbouring layers change most from block.0 to block.1 (CKA 0.630)"))
    #expect(page.contains("What is inside blocks is in the heat maps alone."))
    let panel = try #require(try panels(folder, "along-depth-cka_linear-debiased").first)
    #expect(panel.labels == ["embed", "block.0", "block.1"] && panel.detached ?? 0 == 0)
    let map = try String(
      contentsOf: folder.output.appendingPathComponent("data/within-models-cka_linear-debiased.json"), encoding: .utf8)
    let places = taps.compactMap { map.range(of: "\"\($0)\"")?.lowerBound }
    #expect(places.count == taps.count && places == places.sorted())
  }

  /// Each part of the blocks has a panel of its own, over the blocks that have it; names tell it where stores do not.
  @Test func partsOfBlocksHavePanelsOfTheirOwn() throws {
    let folder = try ResultsFolder()
    var table = qualityHeader
    for (tap, value) in [
      ("embed", 30.0), ("block.0.attention.q", 28), ("block.0", 25), ("block.1.attention.q", 22),
      ("block.1.residual.attention", 21), ("block.1", 20),
    ] {
      table += "A,original,\(tap),psnr,\(value),\(value - 0.2),\(value + 0.2),200\n"
    }
    try folder.write(table, "quality.csv")
    _ = try folder.builder.build()
    let page = try folder.page()
    #expect(
      page.contains(
        "In A, PSNR (dB) falls from 30.00 [29.80, 30.20] at embed to 20.00 [19.80, 20.20] at block.1."))
    let all = try panels(folder, "quality-psnr").map(\.labels)
    #expect(all == [["embed", "block.0", "block.1"], ["block.0", "block.1"], ["block.1"]])
  }

  @Test func estimatesEndAtTheLastLayer() throws {
    let folder = try ResultsFolder()
    var table = qualityHeader
    for (store, shift) in [("A", 0.0), ("B", 1.0)] {
      for (tap, value) in [("encoder.0", 30.0), ("decoder.1", 20), ("logits", 15), ("boxes", 5)] {
        table += "\(store),original,\(tap),psnr,\(value + shift),\(value + shift - 0.2),\(value + shift + 0.2),200\n"
      }
    }
    try folder.write(table, "quality.csv")
    _ = try folder.builder.build()
    let page = try folder.page()
    #expect(
      page.contains(
        "In A, PSNR (dB) falls from 30.00 [29.80, 30.20] at encoder.0 to 20.00 [19.80, 20.20] at decoder.1."))
    #expect(page.contains("From its deepest layer, B (decoder.1) reaches 21.00"))
    let panel = try #require(try panels(folder, "quality-psnr").first)
    #expect(panel.labels == ["encoder.0", "decoder.1", "logits", "boxes"] && panel.detached == 2)
  }
}

/// What analyses note of their numbers is on the page, and what it forbids is not.
@Suite struct NotesTests {
  @Test func notesStandAboveTheirSection() throws {
    let folder = try ResultsFolder()
    try folder.writeQuality()
    let note = "3 images are left out, the first: <a>.png of A: it is damaged"
    let provenance = Provenance(
      tool: nil, command: nil, startedAt: nil, finishedAt: nil, seed: nil, threads: nil, settings: nil, inputs: nil,
      outputs: nil, host: nil, stores: nil, notes: [note])
    try folder.write(String(decoding: provenance.encoded(), as: UTF8.self), in: "quality", "provenance.json")
    _ = try folder.builder.build()
    let page = try folder.page()
    let box =
      "<p class=\"warning\"><strong>Note.</strong> 3 images are left out, the first: &lt;a&gt;.png of A: it is damaged</p>"
    #expect(page.components(separatedBy: box).count == 2)
    let section = try #require(page.range(of: "<section id=\"quality\""))
    let place = try #require(page.range(of: box))
    let figure = try #require(page.range(of: "<figure", range: section.upperBound..<page.endIndex))
    #expect(section.upperBound < place.lowerBound && place.upperBound < figure.lowerBound)
  }

  /// Trainings on another device are not compared in time, those of other images not in error.
  @Test(arguments: [
    ("cuda,4", "abc,def", false, true), ("cpu,1", "abc,000", true, false), ("cpu,1", "abc,def", true, true),
  ])
  func whatCannotBeComparedIsNotDrawn(device: String, images: String, hasTime: Bool, hasErrors: Bool) throws {
    let folder = try ResultsFolder()
    let tail = ["m": "cpu,1,abc,def", "e": "\(device),\(images)"]
    var costs = "run,mode,inverse,module,metric,value,unit,device,threads,checkpoint,held_out\n"
    for (run, seconds) in [("m", 40), ("e", 58)] {
      costs += "\(run),modular,network,all,parameters,2000000,count,\(tail[run] ?? "")\n"
      costs += "\(run),modular,network,all,training_seconds,\(seconds),s,\(tail[run] ?? "")\n"
    }
    try folder.write(costs, "efficiency.csv")
    var equal = "budget,limit,unit,cut,run,mode,inverse,spent,epoch,mse,psnr\n"
    for budget in ["time,60,s", "images,100,images"] {
      equal += "\(budget),embed,m,modular,network,59,3,0.01,20.5\n\(budget),embed,e,modular,network,58,2,0.02,17\n"
    }
    try folder.write(equal, "efficiency_equal.csv")
    try folder.write(
      "run,mode,inverse,phase,cut,epoch,step,images,operations,seconds,mse,psnr\n"
        + "m,modular,network,modular,embed,1,10,100,1e12,20,0.02,17\n"
        + "e,modular,network,modular,embed,1,10,100,1e12,58,0.02,17\n", "efficiency_curves.csv")
    let summary = try folder.builder.build()
    let page = try folder.page()
    #expect(page.contains("Within time: 60.0 s, from embed: m 20.50 dB, e 17.00 dB.") == (hasTime && hasErrors))
    #expect(page.contains("Within images: 100 images, from embed: m 20.50 dB, e 17.00 dB.") == hasErrors)
    #expect(summary.files.contains("figures/efficiency-time.pdf") == hasTime)
    #expect(page.contains("Seconds in all") == hasTime)
    let bars = try String(
      contentsOf: folder.output.appendingPathComponent("figures/efficiency-equal.svg"), encoding: .utf8)
    #expect(bars.contains(">time</text>") == hasTime && bars.contains(">e</text>") == hasErrors)
    #expect(!page.contains("wall-clock on the machine under Provenance"))
  }

  /// One number for each analysis where they took different images.
  @Test func imagesAreThoseOfEachAnalysis() throws {
    let folder = try ResultsFolder()
    for (name, images) in [("quality", 96), ("other", 192)] {
      try folder.writeQuality(in: name)
      let provenance = Provenance(
        tool: nil, command: nil, startedAt: nil, finishedAt: nil, seed: nil, threads: nil, settings: nil, inputs: nil,
        outputs: nil, host: nil,
        stores: [
          .init(
            name: "A", model: nil, family: nil, checkpointSHA256: "ab", images: images, taps: nil, preprocessing: nil,
            tokens: nil)
        ])
      try folder.write(String(decoding: provenance.encoded(), as: UTF8.self), in: name, "provenance.json")
    }
    _ = try folder.builder.build()
    #expect(try folder.page().contains("192 (other), 96 (quality)"))
  }

  /// What is of the inputs alone is the same at every tap: a flat line over depth would be taken for a result.
  @Test func whatIsOfTheInputAloneIsDrawnWhereItDiffers() throws {
    let folder = try ResultsFolder()
    var shape = "store,condition,tap,region,group,metric,value,low,high,n\n"
    var detail = "store,condition,tap,metric,value,low,high,n\n"
    for (depth, tap) in ["embed", "block.0"].enumerated() {
      shape += "A,original,\(tap),image,all,edge_f,\(0.9 - 0.2 * Double(depth)),,,60\n"
      shape += "A,original,\(tap),image,all,edge_f_noise,0.4,,,60\n"
      detail += "A,original,\(tap),cutoff_power,\(40 - 9 * depth),,,60\n"
      detail += "A,original,\(tap),lattice_excess_input,\(depth),,,60\n"
    }
    try folder.write(shape, in: "shape", "shape.csv")
    try folder.write(detail, in: "detail", "detail.csv")
    let files = try folder.builder.build().files
    #expect(files.contains("figures/shape-edge_f.pdf") && !files.contains("figures/shape-edge_f_noise.pdf"))
    // Patches of other sizes have other lattices.
    #expect(files.contains("figures/detail-lattice_excess_input.pdf"))
  }
}
