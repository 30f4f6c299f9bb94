import Figures
import Formats
import Foundation
import Reports
import Testing

@Suite struct PrototypeSectionTests {
  private func folder() throws -> ResultsFolder {
    let folder = try ResultsFolder()
    try folder.write(
      "store,tap,metric,value,low,high,n\nA/1,embed,separability,0.4,0.3,0.5,64\nA/1,norm,separability,0.6,0.5,0.7,64\n",
      "prototypes.csv")
    try folder.write(
      #"{"format":"palimpsest.provenance","version":1,"stores":[{"name":"A/1"},{"name":"B"}]}"#, "provenance.json")
    try folder.write("", PrototypeFiles.pictures(.prototypes, of: "A/1"))
    return folder
  }

  @Test func prototypesThatWereLedBackAreShown() throws {
    let folder = try folder()
    var builder = folder.builder
    var opened: [String] = []
    builder.openStore = { path in
      opened.append((path as NSString).lastPathComponent)
      return MemoryPictures()
    }
    let summary = try builder.build()
    #expect(opened == ["prototypes-A-1-back.h5"])
    #expect(summary.files.contains("figures/prototypes-of-A-1.pdf"))
    let svg = try String(
      contentsOf: folder.output.appendingPathComponent("figures/prototypes-of-A-1.svg"), encoding: .utf8)
    // One of the five classes has no picture; the four pictures of two taps are of two kinds.
    #expect(svg.contains(">e.png</text>") && !svg.contains(">c.png</text>"))
    #expect(svg.matches(of: #/<image /#).count == 2)
    #expect(try folder.page().contains("in order of depth: 3 of 4 classes, spread evenly over their order"))
  }

  @Test func aBrokenStoreIsAWarning() throws {
    let folder = try folder()
    var builder = folder.builder
    builder.openStore = { _ in throw ReportError("it is torn") }
    let summary = try builder.build()
    #expect(summary.warnings.contains { $0.contains("so the prototypes of A/1 are not shown: it is torn") })
    #expect(!summary.files.contains("figures/prototypes-of-A-1.pdf"))
  }

  /// What a detector's inverses made of two classes at two places, and of no object.
  private struct Places: ReconstructionSource {
    let imagePaths = ["no object", "frog/1-1", "frog/1-2", "a/b/1-1", "a/b/1-2"]
    let conditions = ["original"]
    let size = ImageSize(height: 8, width: 12)
    func taps(of condition: String) -> [String] { ["boxes"] }
    func isComplete(_ row: Int, condition: String) -> Bool { row != 4 }
    func input(_ row: Int, condition: String) -> [UInt8]? { nil }
    func reconstruction(_ row: Int, condition: String, tap: String) -> [UInt8] {
      Array(repeating: UInt8(40 * row), count: 8 * 12 * 3)
    }
  }

  @Test func aDetectorsClassesAreShownAtTheirPlaces() throws {
    let folder = try folder()
    try folder.write("", PrototypeFiles.pictures(.places, of: "B"))
    var builder = folder.builder
    builder.openStore = { path in
      path.hasSuffix("/places-B-back.h5") ? Places() as any ReconstructionSource : MemoryPictures()
    }
    let summary = try builder.build()
    #expect(summary.files.contains("figures/prototypes-places-of-B.pdf"))
    #expect(!summary.files.contains("figures/prototypes-places-of-A-1.pdf"))
    let svg = try String(
      contentsOf: folder.output.appendingPathComponent("figures/prototypes-places-of-B.svg"), encoding: .utf8)
    // Rows are classes, whose names may hold slashes; the picture that is missing leaves its tile empty.
    // Columns are drawn: two cells, of which the first and then the second is filled.
    for label in [
      ">frog</text>", ">a/b</text>", "<title>row 1 of 1, column 1 of 2</title>",
      "<title>row 1 of 1, column 2 of 2</title>",
    ] {
      #expect(svg.contains(label), "\(label)")
    }
    #expect(!svg.contains(">no object</text>"))
    #expect(svg.matches(of: #/<image /#).count == 3)
    let table = try String(
      contentsOf: folder.output.appendingPathComponent("tables/prototypes-places-of-B.csv"), encoding: .utf8)
    #expect(table == "store,class,place\nB,frog,1-1\nB,frog,1-2\nB,a/b,1-1\nB,a/b,1-2\n")
  }
}
