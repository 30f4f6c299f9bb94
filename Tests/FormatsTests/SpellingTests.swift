import Formats
import Testing

@Suite struct SpellingTests {
  @Test func theNearestNameIsSuggested() {
    #expect(Spelling.suggestion(for: "simlarity", among: ["quality", "similarity"]) == " (did you mean 'similarity'?)")
    #expect(Spelling.suggestion(for: "RDE", among: ["blue", "red"]) == " (did you mean 'red'?)")
    #expect(Spelling.suggestion(for: "anything", among: []) == "")
  }

  /// A8: without a threshold this was "did you mean 'test_vit'?".
  @Test func whatIsFarFromEveryNameGetsNoSuggestion() {
    let names = ["deit_tiny_patch16_224", "swin_tiny_patch4_window7_224", "test_vit", "vit_tiny_patch16_224"]
    #expect(Spelling.nearest(to: "convnext_tiny", among: names) == nil)
    #expect(Spelling.nearest(to: "vit_tny_patch16_224", among: names) == "vit_tiny_patch16_224")
  }

  @Test func theBeginningOfANameIsEnough() {
    #expect(
      Spelling.nearest(to: "deit_", among: ["vit_tiny_patch16_224", "deit_tiny_patch16_224"]) == "deit_tiny_patch16_224"
    )
    #expect(Spelling.nearest(to: "de", among: ["deit_tiny_patch16_224"]) == nil)
  }

  @Test func distancesAreThoseOfLevenshtein() {
    #expect(Spelling.distance("kitten", "sitting") == 3)
    #expect(Spelling.distance("", "abc") == 3)
    #expect(Spelling.distance("flaw", "lawn") == 2)
  }
}
