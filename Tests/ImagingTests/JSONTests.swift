import Imaging
import Testing

/// The reader of JSON, seen through an annotations file.
@Suite struct JSONTests {
  private func error(_ text: String) -> String? { message { _ = try COCOAnnotations(parsing: Array(text.utf8)) } }

  @Test func whatIsNotJSONIsNamedWithItsLine() {
    #expect(error("{\n\"images\": [1,\n 2 3]}") == "not valid JSON: no comma or ] after a value on line 3")
    #expect(error("{\"images\" []}") == "not valid JSON: no colon after \"images\" on line 1")
    #expect(error("{\"images\": nul}") == "not valid JSON: an unknown word on line 1")
    #expect(error("{\"images\": NaN}") == "not valid JSON: an unknown word or number on line 1")
    #expect(error("{\"images\": \"abc") == "not valid JSON: a string without its end on line 1")
    #expect(error("{} x") == "not valid JSON: text after its end on line 1")
    #expect(error("") == "not valid JSON: the end of the file where a value should be on line 1")
    #expect(error(String(repeating: "[", count: 100_000))?.contains("more than 200 levels") == true)
    #expect(error("{\"images\": 1e999}") == "not valid JSON: a number that cannot be read on line 1")
  }

  @Test func stringsAndNumbersAreReadExactly() throws {
    let name = #"tab\t quote\" slash\/ \u00e9 \ud83d\ude00 back\\ ü"#
    let numbers = ["0.1", "-2.5e3", "123456.789", "1E-7", "0.30000000000000004", "12345678901234567890", "4.35"]
    let text = """
      {"images": [{"id": 1.0, "file_name": "\(name)", "width": 7, "height": 9, "more": {"a": [], "b": null}}],
       "categories": [{"id": 2, "name": "c"}],
       "annotations": [{"image_id": 1, "category_id": 2, "iscrowd": true, "segmentation": [[\(numbers.joined(separator: ","))
         , 8]]}]}
      """
    let file = try COCOAnnotations(parsing: [0xEF, 0xBB, 0xBF] + Array(text.utf8))
    #expect(file.images[0].fileName == "tab\t quote\" slash/ é 😀 back\\ ü")
    #expect(file.annotations[0].isCrowd)
    #expect(file.annotations[0].outline == .polygons([numbers.compactMap { Double($0) } + [8]]))
  }
}
