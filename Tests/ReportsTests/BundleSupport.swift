import Foundation
import Reports

/// A report of every kind, made once; tests get copies.
private enum EveryKind {
  nonisolated(unsafe) static let built = Result { () throws -> ResultsFolder in
    let folder = try ResultsFolder()
    try folder.writeEveryKind()
    var builder = folder.builder
    builder.openStore = { _ in MemoryPictures() }
    _ = try builder.build()
    return folder
  }
}

extension ResultsFolder {
  /// A copy of results and report of every kind, with pictures.
  static func ofEveryKind() throws -> ResultsFolder {
    let built = try EveryKind.built.get()
    let folder = try ResultsFolder()
    try FileManager.default.removeItem(at: folder.results)
    try FileManager.default.copyItem(at: built.results, to: folder.results)
    try FileManager.default.copyItem(at: built.output, to: folder.output)
    return folder
  }

  /// Results with a figure of every kind: heat maps, lines, differences, image grids, polar curves, spectra, bars, scatter.
  func writeEveryKind() throws {
    try write(similarityCSV([("ViT", vitTaps), ("Swin", swinTaps)]), in: "similarity", "similarity.csv")
    try write(
      """
      {"format":"palimpsest.provenance","version":1,"command":["palimpsest","analyze","similarity","a.h5","b b.h5"],
       "tool":{"name":"palimpsest","version":"1.2.3"},"started_at":"2026-11-26T10:00:00Z",
       "finished_at":"2026-11-26T10:01:00Z","seed":7,"threads":2,
       "host":{"cpu":"a processor","cores":2,"memory_bytes":8000000000,"os":"Linux"},
       "settings":[{"name":"tokens","value":"flatten"}],
       "inputs":[{"path":"a.h5","sha256":"\(String(repeating: "ab", count: 32))","bytes":12,"role":"store"}],
       "outputs":[{"path":"similarity.csv"}],"stores":[{"name":"ViT"},{"name":"Swin"}]}
      """, in: "similarity", "provenance.json")
    try writeQuality()
    var color = qualityHeader
    for tap in ["embed", "block.3"] {
      for (place, condition) in ["red", "hue+90", "hue+180", "hue+270"].enumerated() {
        color += "A,\(condition),\(tap),relative_l2,0.\(place + 2),0.\(place + 1),0.\(place + 3),64\n"
        color += "A,\(condition),\(tap),relative_l2_shuffled,1.2,1.1,1.3,64\n"
      }
    }
    try write(color, in: "colour of it", "color.csv")
    try write(qualityHeader + "A,original,x,cutoff_coherence,12,11,13,50\n", in: "detail", "detail.csv")
    try write(
      "store,condition,tap,frequency,frequency_per_patch,power_input,power_reconstruction,power_ratio,coherence,n\n"
        + (1...20).map { "A,original,x,\($0),,1,1,\(1 / Double($0)),\(1 - Double($0) / 25),50\n" }.joined(),
      in: "detail", "detail_spectrum.csv")
    try write(
      "run,mode,inverse,module,metric,value,unit\nm,modular,network,all,parameters,2000000,count\n"
        + "e,end-to-end,network,all,parameters,4000000,count\n", in: "efficiency", "efficiency.csv")
    try write(
      "budget,limit,unit,cut,run,mode,inverse,spent,epoch,mse,psnr\ntime,60,s,embed,m,modular,network,59,3,0.01,20.5\n"
        + "time,60,s,embed,e,end-to-end,network,58,2,0.02,17\n", in: "efficiency", "efficiency_equal.csv")
    try write(
      "run,mode,inverse,phase,cut,epoch,step,images,operations,seconds,mse,psnr\n"
        + "m,modular,network,modular,embed,1,10,100,1e12,20,0.02,17\n"
        + "m,modular,network,modular,embed,2,20,200,2e12,40,0.01,20.5\n"
        + "e,end-to-end,network,end-to-end,embed,1,10,100,1e12,58,0.02,17\n", in: "efficiency", "efficiency_curves.csv")
  }

  var definitions: URL {
    templates.deletingLastPathComponent().appendingPathComponent("docs/definitions.md")
  }

  /// A bundle of the report here.
  @discardableResult
  func bundle(
    as name: String = "bundle.zip", report: URL? = nil, pixels: BundlePixels = .full
  ) throws -> BundleSummary {
    try BundleBuilder(
      report: report ?? output, output: root.appendingPathComponent(name), definitions: definitions,
      pixels: pixels, license: BundleLicense(nil), toolVersion: "1.2.3"
    ).build()
  }

  /// A bundle of the report here that names nobody.
  func bundleForBlindReview(home: String) throws -> BundleSummary {
    var builder = BundleBuilder(
      report: output, output: root.appendingPathComponent("bundle.zip"), definitions: definitions,
      license: try BundleLicense(nil), toolVersion: "1.2.3")
    builder.isAnonymous = true
    builder.home = home
    return try builder.build()
  }

  func path(_ name: String) -> String { root.appendingPathComponent(name).path }

  /// What a bundle holds.
  func unpack(_ name: String = "bundle.zip") throws -> [String: Data] {
    let folder = root.appendingPathComponent("unpacked-\(UUID().uuidString)")
    let bundle = try BundleFile(path(name))
    try bundle.extract(to: folder) { _ in true }
    defer { try? FileManager.default.removeItem(at: folder) }
    return try Dictionary(
      uniqueKeysWithValues: bundle.files.map {
        ($0.name, try Data(contentsOf: folder.appendingPathComponent($0.name)))
      })
  }

  /// The same zip with another content.
  func repack(_ contents: [String: Data], as name: String) throws {
    let zip = try ZipWriter(path: path(name))
    for (file, data) in contents.sorted(by: { $0.key < $1.key }) {
      try zip.add(file, size: data.count) { take in try data.withUnsafeBytes(take) }
    }
    try zip.publish()
  }

  /// What is wrong with a bundle.
  func problems(of name: String) throws -> [String] { try BundleCheck(BundleFile(path(name))).problems }
}
