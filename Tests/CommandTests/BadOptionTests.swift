import Foundation
import Testing

/// Options that cannot be meant: exit status 2, one sentence, nothing written.
@Suite struct BadOptionTests {
  let here: Workspace

  init() throws { here = try Workspace() }

  private func refuse(
    _ more: [String], _ sentence: String, sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let folder = images(of: "timm-vit")
    try expectRefusal(
      here,
      ["extract", "--model", Program.fixtures + "/timm-vit", "--images", folder, "--out", "store.h5"] + more, sentence,
      sourceLocation: sourceLocation)
    #expect(!here.exists("store.h5"), sourceLocation: sourceLocation)
  }

  @Test func namesOfWhatIsKeptAreChecked() throws {
    try refuse(
      ["--taps", "blok.1"],
      "--taps: the model has no tap 'blok.1'; it has embed, block.0, block.1, block.2, norm, logits, and 'all' and "
        + "'stages' are understood; what is inside blocks is named as in block.0.attention.q")
    try refuse(["--taps", ""], "--taps is empty; give all, stages, or names separated by commas")
    try refuse(["--tokens", "some"], "--tokens is 'some'; give all, mean or prefix")
    try refuse(["--dtype", "float23"], "--dtype is 'float23' (did you mean 'float32'?); give float32 or float16")
    let levels = "none, deflate, " + (1...8).map { "deflate:\($0)" }.joined(separator: ", ") + " or deflate:9"
    try refuse(["--compression", "zip"], "--compression is 'zip'; give \(levels)")
    try refuse(
      ["--compression", "deflate:0"], "--compression is 'deflate:0' (did you mean 'deflate:1'?); give \(levels)")
  }

  /// One sentence for every option that takes one of a few: the flag, the value, what is allowed, and what was perhaps meant.
  @Test func aValueThatIsNoneOfAFewGetsASuggestion() throws {
    try refuse(["--dtype", "flaot16"], "--dtype is 'flaot16' (did you mean 'float16'?); give float32 or float16")
    try refuse(
      ["--preprocess", "papre"], "--preprocess is 'papre' (did you mean 'paper'?); give native, exact or paper")
    try expectRefusal(
      here, ["analyze", "quality", "x.h5", "--out", "r", "--interval", "percentil"],
      "--interval is 'percentil' (did you mean 'percentile'?); give hall, percentile or bca")
    try expectRefusal(
      here, ["analyze", "similarity", "x.h5", "--out", "r", "--estimators", "debiased,unbiased"],
      "--estimators: 'unbiased' is unknown (did you mean 'debiased'?); give debiased, biased, minibatch")
    try expectRefusal(
      here, ["analyze", "similarity", "x.h5", "--out", "r", "--measures", ""],
      "--measures is empty; give cka_linear, cka_rbf, svcca, pwcca, procrustes, procrustes_angle, rsa, rsa_tau, "
        + "mutual_knn, linear_predictivity, all")
    try expectRefusal(
      here, ["bundle", "x", "--out", "y.zip", "--pixels", "thumbnail"],
      "--pixels is 'thumbnail' (did you mean 'thumbnails'?); give ids-only, thumbnails or full")
  }

  @Test func conditionsAndRegionsAreChecked() throws {
    try refuse(
      ["--conditions", "rde"],
      "unknown condition 'rde' (did you mean 'red'?); conditions are original, red, green, blue, hue+DEG, gray, "
        + "saturation*F, brightness*F, permute-rbg, permute-grb, permute-gbr, permute-brg, permute-bgr, erase, swap")
    try refuse(
      ["--conditions", "red,erase"],
      "--conditions erase acts on objects alone, so it needs masks; give --region objects with a COCO instances JSON as "
        + "--annotations")
    try refuse(
      ["--region", "objects"],
      "--region objects restricts colour conditions, but there is none; give --conditions, such as red")
    try refuse(
      ["--region", "objects", "--conditions", "red"],
      "--region objects needs masks; give a COCO instances JSON with --annotations")
    try here.write(
      #"{"images": [], "annotations": [], "categories": [{"id": 1, "name": "dog"}, {"id": 2, "name": "cat"}]}"#,
      to: "some.json")
    let annotated = ["--conditions", "red", "--annotations", "some.json", "--region"]
    try refuse(annotated + ["here"], "--region is 'here'; give objects or class:NAME")
    try refuse(
      annotated + ["class:dgo"],
      "--region class:dgo: the annotations have no class 'dgo' (did you mean 'dog'?); they have dog, cat")
    try refuse(
      ["--annotations", "none.json"], "HERE/none.json: no such file or folder")
    try refuse(["--labels", "none.csv"], "HERE/none.csv: no such file or folder")
  }

  @Test func preprocessingAndControlAreChecked() throws {
    try refuse(["--preprocess", "other"], "--preprocess is 'other'; give native, exact or paper")
    try refuse(["--control", "other"], "--control is 'other'; give random-weights")
    try refuse(
      ["--size", "big"], "size 'big': expected width and height in pixels as in 640x480 (1 to 16384), or native")
    try refuse(
      ["--size", "65x65"],
      "vit_base_patch16_224: the input is 65x65 (width x height), but patches are 16x16: give multiples of them, or the native "
        + "size 64x64")
  }

  @Test func machinesAndNumbersAreChecked() throws {
    try refuse(["--device", "tpu"], "--device is 'tpu'; give auto, cpu, cuda, cuda:N or mps")
    try refuse(["--threads", "0"], "--threads is 0; give at least 1")
    try refuse(["--batch-size", "0"], "--batch-size is 0; give at least 1 (see palimpsest extract --help)")
    try refuse(["--limit", "0"], "--limit is 0; give at least 1 (see palimpsest extract --help)")
    try refuse(["--limit", "many"], "The value 'many' is invalid for '--limit <n>' (see palimpsest extract --help)")
    try refuse(["--sample", "0"], "The value '0' is invalid for '--sample <n>' (see palimpsest extract --help)")
    try refuse(
      ["--sample", "5", "--limit", "5"],
      "--limit takes the first images and --sample random ones; give one of them (see palimpsest extract --help)")
    try refuse(["--nonsense"], "Unknown option '--nonsense' (see palimpsest extract --help)")
  }

  @Test func commandsAndRequiredOptionsAreChecked() throws {
    try expectRefusal(
      here, ["extrac", "--model", "x"],
      "there is no command 'palimpsest extrac' (did you mean 'extract'?); give setup, demo, doctor, run, status, "
        + "fetch, index, scenes, extract, merge, inspect, verify, train, import, reconstruct, analyze, report, figure, lint, "
        + "bundle, replay, bench (see palimpsest --help)")
    try expectRefusal(
      here, ["analyze", "simlarity"],
      "there is no command 'palimpsest analyze simlarity' (did you mean 'similarity'?); give similarity, quality, "
        + "color, detail, shape, prototypes, tokens, efficiency (see palimpsest analyze --help)")
    try expectRefusal(
      here, ["extract", "--model", "x", "--images", "y"],
      "Missing expected argument '--out <store.h5>' (see palimpsest extract --help)")
    try expectRefusal(
      here, ["extract", "--model", "x", "--images"],
      "Missing value for '--images <dir>' (see palimpsest extract --help)")
    try expectRefusal(
      here, ["analyze", "similarity", "--out", "r"],
      "Missing expected argument '<stores> ...' (see palimpsest analyze similarity --help)")
    try expectRefusal(here, ["demo", "--count", "3"], "--count is 3; similarity needs at least 4 images")
    try expectRefusal(
      here, ["scenes", "--count", "0", "--out", "s"], "--count is 0, but at least 1 image has to be drawn")
    try expectRefusal(
      here, ["scenes", "--count", "1", "--size", "0x4", "--out", "s"],
      "--size is '0x4'; give width and height in pixels, as in 256x256")
  }

  @Test func foldersOfImagesAreChecked() throws {
    func refuse(_ folder: String, _ sentence: String, sourceLocation: SourceLocation = #_sourceLocation) throws {
      try expectRefusal(
        here, ["extract", "--model", Program.fixtures + "/timm-vit", "--images", folder, "--out", "store.h5"], sentence,
        sourceLocation: sourceLocation)
    }
    try here.makeFolder("empty")
    try here.write("no image", to: "empty/notes.txt")
    try refuse(
      "empty",
      "empty: no images in this folder (looked for JPEG, PNG, WebP, BMP and TIFF by their endings at any depth)")
    let forms =
      "give a folder of pictures (JPEG, PNG, WebP, BMP or TIFF), a tar or zip of them, or a CSV file that lists them, "
      + "which palimpsest index writes"
    try refuse(
      "nowhere",
      "--images nowhere: no such folder; \(forms)")
    try refuse(
      "empty/notes.txt",
      "--images empty/notes.txt is a file; \(forms)")
    try refuse(
      "",
      "--images is empty; \(forms)")
    if getuid() != 0 {
      // The administrator may read everything.
      chmod(here.path("empty"), 0)
      defer { chmod(here.path("empty"), 0o755) }
      try refuse("empty", "HERE/empty: permission denied")
    }
  }

  @Test func placesThatCannotBeWrittenAreTold() throws {
    func refuse(_ out: String, _ sentence: String, sourceLocation: SourceLocation = #_sourceLocation) throws {
      try expectRefusal(
        here,
        ["extract", "--model", Program.fixtures + "/timm-vit", "--images", images(of: "timm-vit"), "--out", out],
        sentence, sourceLocation: sourceLocation)
    }
    try here.makeFolder("folder")
    try here.write("text", to: "file")
    try refuse("", "--out is empty; give the file to write")
    try refuse("folder", "--out folder is a folder; give the file to write, such as folder/store.h5")
    try refuse(
      "none/store.h5", "--out none/store.h5: there is no folder HERE/none; make it, or choose another place")
    try refuse("file/store.h5", "--out file/store.h5: HERE/file is not a folder; choose another place")
    try refuse("store/", "--out store/ ends with a slash; give the file to write")
  }
}
