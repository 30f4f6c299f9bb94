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

  /// Joined files list images twice; other programs write ids as texts. pycocotools takes both.
  @Test func idsMayBeTextsAndImagesListedTwice() throws {
    let image = #"{"id": "7", "file_name": "a.png", "width": 2, "height": 1}"#
    let text =
      #"{"images": [\#(image), \#(image)], "categories": [{"id": "3", "name": "cat"}], "#
      + #""annotations": [{"id": "1", "image_id": "7", "category_id": "3", "bbox": [1, 0, 1, 1]}]}"#
    let annotations = try COCOAnnotations(parsing: Array(text.utf8))
    #expect(try annotations.mask(at: "a.png", width: 2, height: 1, category: "cat").values == [0, 1])
    #expect(annotations.notes == ["images that are listed twice, alike: 1, the first at images[1]"])
    let other = text.replacing(#"}, {"id": "7", "file_name": "a.png""#, with: #"}, {"id": "7", "file_name": "b.png""#)
    #expect(throws: ImagingError(reason: "images[1].id: 7 is used twice")) {
      try COCOAnnotations(parsing: Array(other.utf8))
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

  private static func file(_ annotations: String, categories: String = #"{"id": 1, "name": "cat"}"#) -> [UInt8] {
    Array(
      (#"{"images": [{"id": 1, "file_name": "a.png", "width": 4, "height": 3}], "categories": [\#(categories)], "#
        + #""annotations": [{"image_id": 1, "category_id": 1, "bbox": [0, 0, 2, 1]}, \#(annotations)]}"#).utf8)
  }

  @Test func whatIsOddAndNotNeededIsCounted() throws {
    let odd = [
      (
        #"{"category_id": 1}"#,
        "annotations without a whole number as image_id: 1, the first at annotations[1].image_id"
      ),
      (
        #"{"image_id": 9, "category_id": 1}"#,
        "annotations of images that are not in the file: 1, the first at annotations[1].image_id"
      ),
      (
        #"{"image_id": 1, "category_id": 1, "bbox": []}"#,
        "annotations with an odd bbox: 1, the first at annotations[1].bbox"
      ),
      (
        #"{"image_id": 1, "category_id": 7}"#,
        "annotations of categories that are not in the file: 1, the first at annotations[1].category_id"
      ),
      (
        #"{"image_id": 1, "category_id": 1, "area": "x", "iscrowd": "no"}"#,
        "annotations with an odd area: 1, the first at annotations[1].area"
      ),
    ]
    for (annotation, sentence) in odd {
      let file = try COCOAnnotations(parsing: COCOTests.file(annotation))
      #expect(file.notes.first == sentence, "\(annotation)")
      // The first annotation is a box of two pixels.
      #expect(try file.mask(at: "a.png", width: 4, height: 3, category: "cat").area == 2, "\(annotation)")
    }
    let twice = try COCOAnnotations(parsing: COCOTests.file(#"{"image_id": 5}, {"image_id": 6}"#))
    #expect(
      twice.notes[0].hasPrefix("annotations without a whole number as category_id: 2, the first at annotations[1]"))
  }

  /// pycocotools' `getCatIds(catNms=["cat"])` gives both.
  @Test func categoriesOfOneNameAreOneClass() throws {
    let file = try COCOAnnotations(
      parsing: COCOTests.file(
        #"{"image_id": 1, "category_id": 3, "bbox": [3, 2, 1, 1]}"#,
        categories: #"{"id": 3, "name": "cat"}, {"id": 1, "name": "cat"}, {"id": 2, "name": "dog"}"#))
    #expect(try file.mask(at: "a.png", width: 4, height: 3, category: "cat").area == 3)
    #expect(try file.mask(at: "a.png", width: 4, height: 3, category: "dog").area == 0)
    #expect(file.notes == ["categories 3, 1 are all called 'cat' and are taken as one class"])
  }

  struct Far: Decodable {
    let polygon: [Double]
    let expected: Place
  }

  /// pycocotools' masks of polygons that go up to a million pixels outside (`scripts/fixtures/files.py`).
  @Test func polygonsFarOutsideAreThoseOfPycocotools() throws {
    let (cases, raw) = try Fixture<Far>.load("far")
    #expect(cases.count >= 30)
    for (index, item) in cases.enumerated() {
      let mask = try Mask(width: item.expected.width, height: item.expected.height, polygon: item.polygon)
      #expect(mask == item.expected.mask(raw), "case \(index)")
    }
    // Walked step by step this would be 40 billion steps.
    let square = [-1e6, -1e6, 1e6, -1e6, 1e6, 1e6, -1e6, 1e6]
    for _ in 0..<1000 { #expect(try Mask(width: 4, height: 3, polygon: square).area == 12) }
  }

  @Test func malformedFilesNameThePlace() {
    func error(annotation: String) -> String? {
      message {
        let file = try COCOAnnotations(parsing: COCOTests.file(annotation))
        _ = try file.mask(at: "a.png", width: 4, height: 3)
      }
    }
    #expect(error(annotation: "7") == "'annotations[1]' is 7, expected an object")
    #expect(
      error(annotation: #"{"image_id": 1, "category_id": 1, "segmentation": [[1, 2, 3, "x", 1, 2]]}"#)
        == "a.png: 'annotations[1].segmentation[0]' is [1, 2, 3, x, 1, 2], expected x and y of at least 3 points")
    #expect(
      error(annotation: #"{"image_id": 1, "category_id": 1, "segmentation": {"size": [3, 4], "counts": [5, 6]}}"#)
        == "a.png: annotations[1].segmentation: run lengths sum to 11, expected 4x3 = 12")
    #expect(
      error(annotation: #"{"image_id": 1, "category_id": 1, "segmentation": {"size": [3, 4], "counts": "~~"}}"#)
        == "a.png: annotations[1].segmentation: compressed run lengths hold a character or number outside the code")
    #expect(message { _ = try COCOAnnotations(parsing: Array("{".utf8)) }?.hasPrefix("not valid JSON: ") == true)
    #expect(
      message { _ = try COCOTests.instances().categoryIDs(named: "dgo") }
        == "the annotations have no category 'dgo' (did you mean 'dog'?)")
    #expect(
      message { _ = try COCOTests.instances().mask(at: "folder/00 ü.png", width: 1, height: 1) }?
        .hasPrefix("folder/00 ü.png: the picture is 1x1, its annotations are for ") == true)
    let turned = message {
      _ = try COCOAnnotations(parsing: COCOTests.file(#"{"image_id": 1}"#)).mask(at: "a.png", width: 3, height: 4)
    }
    #expect(
      turned?.contains("the picture is 3x4, its annotations are for 4x3: they were made of the picture turned") == true)
  }
}
