import Foundation
import Imaging
import TestSupport
import Testing

@Suite struct COCOTests {
  struct Case: Decodable {
    let path: String
    let category: String?
    let expected: Place
  }

  static func instances() throws -> COCOAnnotations {
    try COCOAnnotations(contentsOf: fixtures.appendingPathComponent("instances.json"))
  }

  @Test func masksAreThoseOfPycocotools() throws {
    let (cases, raw) = try Fixture<Case>.load("coco")
    let instances = try COCOTests.instances()
    #expect(cases.count >= 20)
    for item in cases {
      let mask = try instances.mask(
        at: item.path, width: item.expected.width, height: item.expected.height, category: item.category,
        withCrowds: true)
      #expect(mask == item.expected.mask(raw), "\(item.path) \(item.category ?? "all")")
    }
  }

  /// A crowd is no object, of all categories and of its own.
  @Test func crowdsAreNoObjects() throws {
    func object(_ id: Int, _ category: Int, left: Int, isCrowd: Int) -> String {
      #"{"id": \#(id), "image_id": 1, "category_id": \#(category), "bbox": [\#(left), 0, 1, 1], "iscrowd": \#(isCrowd)}"#
    }
    let text =
      #"{"images": [{"id": 1, "file_name": "a.png", "width": 3, "height": 1}], "#
      + #""categories": [{"id": 1, "name": "cat"}, {"id": 2, "name": "dog"}], "annotations": ["#
      + [object(1, 1, left: 0, isCrowd: 0), object(2, 1, left: 1, isCrowd: 1), object(3, 2, left: 2, isCrowd: 0)]
      .joined(separator: ", ") + "]}"
    let annotations = try COCOAnnotations(parsing: Array(text.utf8))
    func pixels(_ category: String?, withCrowds: Bool = false) throws -> [UInt8] {
      try annotations.mask(at: "a.png", width: 3, height: 1, category: category, withCrowds: withCrowds).values
    }
    #expect(try pixels(nil) == [1, 0, 1] && pixels("cat") == [1, 0, 0])
    #expect(try pixels(nil, withCrowds: true) == [1, 1, 1])
  }

  @Test func anImageIsFoundByPathThenByAUniqueName() throws {
    let instances = try COCOTests.instances()
    #expect(instances.image(at: "folder/03 ü.png")?.id == 103)
    #expect(instances.image(at: "./folder/03 ü.png")?.id == 103)
    #expect(instances.image(at: "elsewhere/03 ü.png")?.id == 103)
    #expect(instances.image(at: "30.png") == nil)
    #expect(instances.annotations(at: "folder/03 ü.png").count == 4)
    let twice =
      #"{"images": [{"id": 1, "file_name": "a/x.png", "width": 2, "height": 2}, "#
      + #"{"id": 2, "file_name": "b/x.png", "width": 2, "height": 2}], "annotations": []}"#
    let ambiguous = try COCOAnnotations(parsing: Array(twice.utf8))
    #expect(ambiguous.image(at: "x.png") == nil)
    #expect(ambiguous.image(at: "b/x.png")?.id == 2)
  }

  @Test func malformedFilesNameThePlace() {
    func error(annotation: String) -> String? {
      let text =
        #"{"images": [{"id": 1, "file_name": "a.png", "width": 4, "height": 3}], "#
        + #""categories": [{"id": 1, "name": "cat"}], "annotations": [{"image_id": 1, "category_id": 1}, \#(annotation)]}"#
      return message {
        let file = try COCOAnnotations(parsing: Array(text.utf8))
        _ = try file.mask(at: "a.png", width: 4, height: 3)
      }
    }
    #expect(error(annotation: "7") == "'annotations[1]' is 7, expected an object")
    #expect(error(annotation: #"{"category_id": 1}"#) == "'annotations[1].image_id' is missing")
    #expect(
      error(annotation: #"{"image_id": 9, "category_id": 1}"#) == "annotations[1].image_id: no image has the id 9")
    #expect(
      error(annotation: #"{"image_id": 1, "category_id": 1, "bbox": [1, 2]}"#)
        == "'annotations[1].bbox' is [1, 2], expected left, top, width and height")
    #expect(
      error(annotation: #"{"image_id": 1, "category_id": 1, "segmentation": [[1, 2, 3, "x", 1, 2]]}"#)
        == "'annotations[1].segmentation[0]' is [1, 2, 3, x, 1, 2], expected x and y of at least 3 points")
    #expect(
      error(annotation: #"{"image_id": 1, "category_id": 1, "segmentation": {"size": [3, 4], "counts": [5, 6]}}"#)
        == "a.png: annotations[1].segmentation: run lengths sum to 11, expected 4x3 = 12")
    #expect(
      error(annotation: #"{"image_id": 1, "category_id": 1, "segmentation": {"size": [3, 4], "counts": "~~"}}"#)
        == "a.png: annotations[1].segmentation: compressed run lengths hold a character or number outside the code")
    #expect(message { _ = try COCOAnnotations(parsing: Array("{".utf8)) }?.hasPrefix("not valid JSON: ") == true)
    #expect(
      message { _ = try COCOTests.instances().category(named: "dgo") }
        == "the annotations have no category 'dgo' (did you mean 'dog'?)")
    #expect(
      message { _ = try COCOTests.instances().mask(at: "folder/00 ü.png", width: 1, height: 1) }?
        .hasPrefix("folder/00 ü.png: the picture is 1x1, its annotations are for ") == true)
  }
}
