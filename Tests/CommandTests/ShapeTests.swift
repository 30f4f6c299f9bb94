import Activations
import Foundation
import Testing

/// `analyze shape` as a user runs it.
@Suite struct ShapeTests {
  let here: Workspace

  init() throws {
    here = try Workspace()
    try here.drawImages(6)
  }

  @Test func structureIsMeasuredByRegionAndGroup() throws {
    try here.trainAndReconstruct()
    let measured = try here.run(
      "analyze", "shape", "back.h5", "--annotations", "scenes/annotations.json", "--out", "results", "--json")
    #expect(measured.status == 0 && measured.error == "", "\(measured.error)")
    let rows = try here.table("results/shape.csv")
    #expect(rows[0] == ["store", "condition", "tap", "region", "group", "metric", "value", "low", "high", "n"])
    #expect(Set(rows.dropFirst().map { $0[3] }) == ["image", "object", "boundary", "background"])
    #expect(rows.contains { $0[4] == "size:large" } && rows.contains { $0[4].hasPrefix("class:") })
    #expect(measured.json?["rows"] as? Int == rows.count - 1)
    let images = try here.table("results/shape_images.csv")
    #expect(images[0] == ["store", "condition", "tap", "path", "region", "group", "metric", "value"])
    #expect(measured.json?["imageValues"] as? Int == images.count - 1)
    let again = try here.run(
      "analyze", "shape", "back.h5", "--annotations", "scenes/annotations.json", "--out", "again", "--quiet",
      "--threads", "1")
    #expect(again.status == 0 && again.output == "", "\(again.error)")
    for name in ["shape.csv", "shape_images.csv"] {
      #expect(try here.text(of: "again/\(name)") == here.text(of: "results/\(name)"))
    }
  }

  /// Inside the objects stands what the next image shows there, the first following the last.
  @Test func objectsAreSwappedForTheNextImages() throws {
    try here.extract(
      "--taps", "embed", "--conditions", "swap", "--region", "objects", "--annotations", "scenes/annotations.json",
      images: "scenes/images", to: "swap.h5")
    let store = try FeatureStore(path: here.path("swap.h5"))
    var swapped = 0
    for row in 0..<6 {
      let (own, next) = (try store.readInput(row: row), try store.readInput(row: (row + 1) % 6))
      let probe = try store.readInput(condition: "swap", row: row)
      for pixel in stride(from: 0, to: own.count, by: 3) {
        let bytes = Array(probe[pixel..<pixel + 3])
        if bytes == Array(own[pixel..<pixel + 3]) { continue }
        #expect(bytes == Array(next[pixel..<pixel + 3]))
        swapped += 1
      }
    }
    #expect(swapped > 500)
  }

  @Test func whatWasErasedIsLookedForAgain() throws {
    try here.trainAndReconstruct([
      "--conditions", "erase,gray,swap", "--region", "objects", "--annotations", "scenes/annotations.json",
    ])
    let measured = try here.run("analyze", "shape", "back.h5", "--out", "results")
    #expect(measured.status == 0)
    #expect(
      measured.error == """
        shape.csv looks at whole images of back: give a COCO instances JSON with --annotations to tell objects, their \
        boundaries and the background apart

        """)
    let rows = try here.table("results/shape.csv").filter { $0[3] == "changed" }
    #expect(
      rows.map { Array($0[1...5]) }
        == ["erase", "gray", "swap"].flatMap { condition in
          ["embed", "block.2"].flatMap { tap in
            ["returned", "returned_shuffled", "returned_excess", "returned_shown"].map {
              [condition, tap, "changed", "all", $0]
            }
          }
        })
    func value(_ metric: String) throws -> Double {
      let row = rows.first { $0[1] == "erase" && $0[2] == "embed" && $0[5] == metric }
      return try #require(Double(row?[6] ?? ""))
    }
    // Of patches seen one by one nothing of an object can be known from around it.
    #expect(try value("returned_shown") > value("returned") + 0.2)
  }
}
