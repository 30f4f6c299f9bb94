import Formats
import Testing

/// Numbers of random samples are those of `scripts/fixtures/samples.py`, which has hashlib alone.
@Suite struct SubsetTests {
  private let names = (0..<20).map { "class\($0 / 5)/\($0 < 10 ? "0" : "")\($0).png" }

  @Test func aRandomSampleIsThatOfItsSeed() {
    #expect(Subset.random(6, seed: 0).indices(of: names) == [0, 1, 3, 11, 12, 13])
    #expect(Subset.random(6, seed: 3).indices(of: names) == [5, 7, 8, 11, 13, 19])
    #expect(Subset.random(6, seed: .max).indices(of: names) == [0, 1, 3, 9, 11, 13])
    #expect(
      Subset.random(3, seed: 5).indices(of: ["é.png", "e\u{301}.png", "ü.png", "😀.png", " .png"]) == [0, 1, 4])
    #expect(Subset.random(4, seed: 1).indices(of: [String](repeating: "a.png", count: 12)) == [0, 1, 5, 7])
  }

  @Test func aSampleDependsOnNamesAndNotOnTheirOrder() {
    let reversed: [String] = names.reversed()
    let taken = Subset.random(6, seed: 3).indices(of: reversed).map { reversed[$0] }
    #expect(taken.sorted() == [5, 7, 8, 11, 13, 19].map { names[$0] })
  }

  @Test func othersComeForImagesThatCannotBeUsed() {
    let usable = names.indices.filter { $0 != 5 && $0 != 19 }
    #expect(Subset.random(6, seed: 3).indices(of: names, usable: usable) == [1, 7, 8, 11, 13, 17])
    #expect(Subset.random(6, seed: 3).indices(of: names, usable: [4, 9]) == [4, 9])
    #expect(Subset.first(3).indices(of: names, usable: usable) == [0, 1, 2])
    #expect(Subset.first(7).indices(of: names, usable: [4, 9]) == [4, 9])
    #expect(Subset.all.indices(of: names, usable: usable) == usable)
  }

  @Test func samplesAreReadFromText() {
    #expect(RandomSample("500") == RandomSample(500))
    #expect(RandomSample("500:3") == RandomSample(500, seed: 3))
    for text in ["", "0", "-1", "5:", "5:-1", "5:x", ":3", "5:1:2", "1.5", "all"] { #expect(RandomSample(text) == nil) }
    #expect(RandomSample(500).subset(seed: 7) == .random(500, seed: 7))
    #expect(RandomSample(500, seed: 3).subset(seed: 7) == .random(500, seed: 3))
    #expect(RandomSample(500, seed: 3).description == "500:3" && RandomSample(500).description == "500")
  }

  @Test func whatWasTakenIsSaid() {
    #expect(Subset.all.note(names, taken: 20, kind: "images") == nil)
    #expect(
      Subset.first(7).note(names, taken: 7, kind: "images")
        == "the limit takes the first 7 of 20 images in the order of their paths: they come from 2 of 4 folders, so that classes "
        + "in folders of their own are left out; --sample 7 in place of --limit draws them from all")
    #expect(Subset.first(16).note(names, taken: 16, kind: "images") == nil)
    #expect(
      Subset.random(6, seed: 3).note(names, taken: 6, kind: "images")
        == "a random sample of 6 of 20 images is taken (--sample 6:3)")
    #expect(
      Subset.random(30, seed: 3).note(names, taken: 20, kind: "images")
        == "a sample of 30 was asked for, but there are 20 images: all of them are taken")
  }
}
