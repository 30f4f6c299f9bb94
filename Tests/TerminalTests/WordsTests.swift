import Foundation
import Terminal
import Testing

@Suite struct WordsTests {
  @Test func theVersionIsAskedForInSeveralWays() {
    for words in [["--version"], ["-V"], ["version"]] { #expect(CommandWords.asked(words) == ["--version"]) }
    #expect(CommandWords.asked(["inspect", "version"]) == ["inspect", "version"])
  }

  @Test func theLastColorCounts() {
    #expect(ColorChoice(words: ["palimpsest", "lint"]) == .auto)
    #expect(ColorChoice(words: ["--color=always", "--color", "never"]) == .never)
    #expect(ColorChoice(words: ["--color"]) == .auto)
    #expect(ColorChoice(words: ["--color=pink"]) == .auto)
  }

  @Test func failuresAreObjectsWithAVersion() throws {
    for (status, kind) in [(Int32(1), "work"), (2, "input"), (130, "interrupted"), (143, "interrupted")] {
      let text = JSONFailure(status: status, message: "a \"b\"").text
      let object = try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
      let error = try #require(object["error"] as? [String: Any])
      #expect(object["schema"] as? Int == 1)
      #expect(error["status"] as? Int == Int(status))
      #expect(error["kind"] as? String == kind)
      #expect(error["message"] as? String == "a \"b\"")
    }
  }

  @Test func summariesKeepTheirKeys() throws {
    struct Summary: Encodable { let images = 3 }
    #expect(try VersionedJSON.text(of: Summary()) == "{\n  \"images\" : 3,\n  \"schema\" : 1\n}")
    #expect(try VersionedJSON.text(of: ["a": ["b"]]) == "{\n  \"a\" : [\n    \"b\"\n  ],\n  \"schema\" : 1\n}")
  }
}
