import Foundation
import Testing

/// The program as `make install` lays it out, away from its build folder: bin/, lib/palimpsest/ and share/palimpsest/.
@Suite final class InstalledTests {
  let here: Workspace
  /// On the file system of the build folder, since files that are open for writing cannot be run.
  let prefix: String
  var program: String { prefix + "/bin/palimpsest" }

  init() throws {
    here = try Workspace()
    let built = URL(fileURLWithPath: try Program.path.get()).resolvingSymlinksInPath()
    prefix = built.deletingLastPathComponent().appendingPathComponent("installed-\(UUID().uuidString)").path
    let files = FileManager.default
    for folder in ["bin", "lib/palimpsest", "share/palimpsest/templates/report", "share/palimpsest/notebooks-data"] {
      try files.createDirectory(atPath: "\(prefix)/\(folder)", withIntermediateDirectories: true)
    }
    try files.linkItem(atPath: built.path, toPath: program)
    try files.linkItem(
      atPath: built.deletingLastPathComponent().path + "/libpalimpsest-torch.so",
      toPath: prefix + "/lib/palimpsest/libpalimpsest-torch.so")
  }

  deinit { try? FileManager.default.removeItem(atPath: prefix) }

  /// Extracts with a variable of the environment, in which the user has no libtorch.
  private func extract(_ variable: String) throws -> Outcome {
    let words = [
      variable, "XDG_DATA_HOME=\(here.path("data"))", program, "extract", "--model", Program.fixtures + "/timm-vit",
      "--images",
      images(of: "timm-vit"), "--out", "x.h5",
    ]
    return try here.run(words, program: "/usr/bin/env")
  }

  private func makeTorch(_ name: String, version: String) throws {
    try here.makeFolder(name + "/lib")
    try here.write("not a library", to: name + "/lib/libtorch.so")
    try here.write(version, to: name + "/version")
  }

  @Test func theFilesOfItsOwnShareCount() throws {
    let output = try here.run("--version", program: program).output
    #expect(output.contains("\nfiles: \(prefix)/share/palimpsest\n"), "\(output)")
  }

  /// The library finds the libtorch of the build folder by its run path, which an installed one has not: so the folder that
  /// LIBTORCH names is asked for.
  @Test func aFolderThatIsNoLibtorchIsRefused() throws {
    let outcome = try extract("LIBTORCH=\(here.path("nowhere"))")
    #expect(outcome.status == 1)
    #expect(
      outcome.error
        == "palimpsest: LIBTORCH is HERE/nowhere, which has no lib/libtorch.so; 'palimpsest setup' gets it (no root needed); "
        + "LIBTORCH=DIR names one that is here, such as the torch folder of a Python environment\n")
  }

  @Test func anotherVersionIsRefusedBeforeItIsLoaded() throws {
    try makeTorch("old", version: "1.13.1+cpu\n")
    let outcome = try extract("LIBTORCH=\(here.path("old"))")
    #expect(outcome.status == 1)
    #expect(
      outcome.error.wholeMatch(
        of:
          #/palimpsest: the libtorch in HERE/old is version 1\.13\.1\+cpu, and this program is built for \d+\.\d+\.\d+; 'palimpsest setup' .*\n/#
      ) != nil, "\(outcome.error)")
  }

  @Test func theUsersOwnIsFound() throws {
    try makeTorch("data/palimpsest/libtorch", version: "1.13.1\n")
    #expect(try extract("A=b").error.contains("the libtorch in HERE/data/palimpsest/libtorch is version 1.13.1"))
  }

  @Test func whatCannotBeLoadedIsSaidWithItsReason() throws {
    let version = try here.run("--version", program: program).output
    let built = try #require(version.firstMatch(of: #/libtorch (\d+\.\d+)/#)?.1 ?? "2.13")
    try makeTorch("broken", version: "\(built).9\n")
    let error = try extract("LIBTORCH=\(here.path("broken"))").error
    #expect(error.hasPrefix("palimpsest: the libtorch in HERE/broken cannot be loaded: "), "\(error)")
  }
}
