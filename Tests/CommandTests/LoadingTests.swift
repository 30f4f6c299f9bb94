import Foundation
import Testing

/// libtorch is loaded by what computes, from beside the program.
@Suite final class LoadingTests {
  let here: Workspace
  /// The program without its library beside it: another name of the same file, which no one has open for writing.
  let alone: String

  init() throws {
    here = try Workspace()
    let program = URL(fileURLWithPath: try Program.path.get())
    let folder = program.deletingLastPathComponent().appendingPathComponent("alone-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: false)
    alone = folder.appendingPathComponent("palimpsest").path
    try FileManager.default.linkItem(atPath: program.path, toPath: alone)
  }

  deinit { try? FileManager.default.removeItem(atPath: (alone as NSString).deletingLastPathComponent) }

  @Test func whatOnlyReadsAndDrawsNeedsNoLibtorch() throws {
    #expect(try here.run("--version", program: alone).output.hasPrefix("palimpsest 0.2.0\nlibtorch"))
    let scenes = try here.run(
      "scenes", "--count", "2", "--size", "64x64", "--out", "scenes", "--quiet", program: alone)
    #expect(scenes.status == 0, "\(scenes.error)")
    #expect(try here.run("figure", "list", "nothing", program: alone).status == 2)
  }

  @Test func whatComputesSaysWhatIsMissing() throws {
    let outcome = try here.run(
      "extract", "--model", Program.fixtures + "/timm-vit", "--images", images(of: "timm-vit"), "--out", "x.h5",
      program: alone)
    #expect(outcome.status == 1)
    #expect(
      outcome.error
        == "palimpsest: libpalimpsest-torch.so is neither beside the program nor in ../lib/palimpsest/ from it; install the "
        + "program again, or run 'make build' in its checkout\n")
    #expect(!here.exists("x.h5"))
  }
}
