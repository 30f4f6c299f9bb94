import Formats
import Testing

@Suite struct JSONTests {
  private func error(_ text: String) -> String? {
    do {
      _ = try JSONValue(parsing: Array(text.utf8))
      return nil
    } catch {
      return "\(error)"
    }
  }

  private func object(_ text: String) throws -> JSONObject {
    try JSONObject(parsing: Array(text.utf8), file: "config.json")
  }

  @Test func whatIsNotJSONIsNamedWithItsLine() {
    #expect(error("{\n\"images\": [1,\n 2 3]}") == "not valid JSON: no comma or ] after a value on line 3")
    #expect(error("{\"images\" []}") == "not valid JSON: no colon after \"images\" on line 1")
    #expect(error("{\"images\": nul}") == "not valid JSON: an unknown word on line 1")
    for name in ["NaN", "Infinity", "-Infinity"] {
      #expect(
        error("{\"images\":\n [1, \(name)]}")
          == "not valid JSON: \(name) (Python writes it, but JSON has no such number; write null or a number) on line 2"
      )
    }
    #expect(error("{\"images\": Na}") == "not valid JSON: an unknown word or number on line 1")
    #expect(error("{\"images\": \"abc") == "not valid JSON: a string without its end on line 1")
    #expect(error("{} x") == "not valid JSON: text after its end on line 1")
    #expect(error("") == "not valid JSON: the end of the file where a value should be on line 1")
    #expect(error(String(repeating: "[", count: 100_000))?.contains("more than 200 levels") == true)
    #expect(error("{\"images\": 1e999}") == "not valid JSON: a number that cannot be read on line 1")
    #expect(error("[01]") == "not valid JSON: a number that begins with 0 on line 1")
    #expect(error("[-00.5]") == "not valid JSON: a number that begins with 0 on line 1")
    #expect(error("[0, -0, 0.5, -0.25, 0e1, 10, 100]") == nil)
  }

  @Test func stringsAndNumbersAreReadExactly() throws {
    let numbers = ["0.1", "-2.5e3", "123456.789", "1E-7", "0.30000000000000004", "12345678901234567890", "4.35"]
    let text =
      #"{"text": "tab\t quote\" slash\/ \u00e9 \ud83d\ude00 back\\ ü", "numbers": [\#(numbers.joined(separator: ",")) , 8]}"#
    let file = try JSONObject(parsing: [0xEF, 0xBB, 0xBF] + Array(text.utf8))
    #expect(try file.string("text") == "tab\t quote\" slash/ é 😀 back\\ ü")
    #expect(try file.numbers("numbers") == numbers.compactMap { Double($0) } + [8])
  }

  @Test func valuesAreReadByKey() throws {
    let file = try object(
      #"{"n": 1.0, "x": 0.5, "flag": true, "one": 1, "names": ["a", "b"], "pair": [2, 3], "none": null, "list": [{"k": 7}]}"#
    )
    #expect(try file.integer("n") == 1)
    #expect(try file.number("x") == 0.5)
    #expect(try file.boolean("flag") == true)
    #expect(try file.flag("one") == true)
    #expect(try file.strings("names") == ["a", "b"])
    #expect(try file.integers("pair") == [2, 3])
    #expect(try file.size("pair") == ImageSize(height: 2, width: 3))
    #expect(try file.size("one") == ImageSize(height: 1, width: 1))
    #expect(try file.integer("none") == nil)
    #expect(!file.has("none"))
    #expect(try file.objects("list")?.first?.integer("k") == 7)
    #expect(file.keys == ["flag", "list", "n", "names", "none", "one", "pair", "x"])
  }

  @Test(arguments: [
    (#"{"depths": [2.7]}"#, "config.json: 'depths' is [2.7], expected a list of integers"),
    (#"{"depths": [2, true]}"#, "config.json: 'depths' is [2, true], expected a list of integers"),
    (#"{"depths": true}"#, "config.json: 'depths' is true, expected a list of integers"),
    (#"{"depths": "many"}"#, "config.json: 'depths' is many, expected a list of integers"),
    (#"{"depths": {"a": 1}}"#, "config.json: 'depths' is an object, expected a list of integers"),
  ])
  func whatIsNotAListOfIntegersIsRefused(text: String, message: String) {
    #expect { try object(text).integers("depths") } throws: { "\($0)" == message }
  }

  @Test func halvesAndTruthValuesAreNotIntegers() {
    #expect { try object(#"{"size": [2.5, 4]}"#).size("size") } throws: {
      "\($0)" == "config.json: 'size' is [2.5, 4], expected an integer or a pair of them"
    }
    #expect { try object(#"{"size": 2.5}"#).size("size") } throws: {
      "\($0)" == "config.json: 'size' is 2.5, expected an integer or a pair of them"
    }
    #expect { try object(#"{"n": true}"#).integer("n") } throws: {
      "\($0)" == "config.json: 'n' is true, expected an integer"
    }
    #expect { try object(#"{"flag": 1}"#).boolean("flag") } throws: {
      "\($0)" == "config.json: 'flag' is 1, expected true or false"
    }
  }

  @Test func nestedKeysAreNamedByTheirPath() throws {
    let file = try object(#"{"a": {"b": [{"c": 1}, {"d": 2}, 3]}}"#)
    #expect { try file.object("a")?.objects("b") } throws: {
      "\($0)" == "config.json: 'a.b[2]' is 3, expected an object"
    }
    let inner = try #require(try file.object("a"))
    #expect(inner.place == "config.json: 'a'")
    #expect { try inner.required("e", inner.integer("e")) } throws: { "\($0)" == "config.json: 'a.e' is missing" }
  }

  private struct Refusal: Error, Equatable { let text: String }

  @Test func errorsAreOfTheReadersType() throws {
    let file = try JSONObject(parsing: Array(#"{"n": "x"}"#.utf8), failure: { Refusal(text: $0) })
    #expect(throws: Refusal(text: "'n' is x, expected an integer")) { try file.integer("n") }
    #expect(throws: Refusal(text: "m.json: not valid JSON: an unknown word on line 1")) {
      try JSONObject(parsing: Array("nope".utf8), file: "m.json", failure: { Refusal(text: $0) })
    }
    #expect(throws: Refusal(text: "expected a JSON object")) {
      try JSONObject(parsing: Array("[1]".utf8), failure: { Refusal(text: $0) })
    }
  }

  @Test func longValuesAreShortenedInMessages() {
    let list = (1...20).map(String.init).joined(separator: ", ")
    #expect { try object("{\"a\": [\(list)]}").string("a") } throws: {
      "\($0)" == "config.json: 'a' is [1, 2, 3, 4, 5, 6, 7, 8, …], expected a string"
    }
  }
}
