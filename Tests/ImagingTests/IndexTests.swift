import Formats
import Foundation
import Imaging
import TestSupport
import Testing

@Suite struct IndexTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func index(_ text: String, name: String = "set.csv") throws -> String {
    try folder.write(Array(text.utf8), to: name)
    return folder.url.appendingPathComponent(name).path
  }

  private func refusal(_ text: String) throws -> String {
    let path = try index(text)
    do {
      _ = try ImageIndex.listing(path)
      return "nothing"
    } catch { return "\(error)".replacingOccurrences(of: path, with: "set.csv") }
  }

  @Test func whatAnIndexKnowsNeedsNoFile() throws {
    let sum = String(repeating: "ab", count: 32)
    let path = try index(
      "path,bytes,height,width,label,sha256,folder\nb/2.jpg,77,3,4,owl,\(sum),../photos\n\"a,1.png\",5,,,,\n")
    let listing = try ImageIndex.listing(path)
    #expect(listing.entries.map(\.relativePath) == ["b/2.jpg", "a,1.png"])
    let first = try #require(listing.entries.first)
    #expect(first.path.hasSuffix("/photos/b/2.jpg") && !first.path.contains(".."))
    #expect(try first.size() == ImageSize(height: 3, width: 4) && "\(first.content())" == sum)
    #expect(first.known?.bytes == 77 && first.known?.label == 0)
    #expect(listing.labels == ["owl"] && listing.folders == ["b"])
    #expect(listing.entries[1].known == .init(bytes: 5))
    #expect(listing.index == (try ContentDigest(contentsOfFile: path).hexadecimal))
    #expect(try ImageFolder.count(path) == 2 && ImageFolder.count(path, taking: .first(1)) == 1)
    #expect(try ImageFolder.listing(of: path, taking: .first(1)).entries == [first])
    // A file that is not there is noticed when it is read.
    #expect(throws: ImagingError.self) { try first.image() }
  }

  /// The numbers of `Labels`: integers are kept, names are in the order of their bytes, over all images whatever part is taken.
  @Test func labelsAreNumberedAsInACSV() throws {
    let named = try index("path,label\n1.png,n02\n2.png,n010\n3.png,\n4.png,n01\n")
    let listing = try ImageIndex.listing(named, taking: .first(3))
    #expect(listing.labels == ["n01", "n010", "n02"])
    #expect(listing.entries.map { $0.known?.label } == [2, 1, nil])
    let numbered = try index("path,label\n1.png,3\n2.png,1\n3.png,-1\n", name: "numbers.csv")
    let numbers = try ImageIndex.listing(numbered)
    #expect(numbers.labels == ["0", "1", "2", "3"] && numbers.entries.map { $0.known?.label } == [3, 1, -1])
  }

  @Test func recordsAreReadAPieceAtATime() throws {
    // Several pieces of 4 MiB, with line ends inside quotes.
    let filler = String(repeating: "x", count: 900)
    let rows = (0..<12_000).map { "\"\(filler)\n\($0).png\",\($0 % 7)" }
    let path = try index("path,label\n" + rows.joined(separator: "\n") + "\n")
    let listing = try ImageIndex.listing(path)
    #expect(listing.entries.count == 12_000 && listing.entries[11_999].relativePath.hasSuffix("\n11999.png"))
    #expect(listing.entries.enumerated().allSatisfy { $0.element.known?.label == Int32($0.offset % 7) })
    #expect(try ImageFolder.count(path) == 12_000)
  }

  @Test func whatIsWrongIsSaidWithItsLine() throws {
    #expect(try refusal("name,label\na.png,1\n").hasPrefix("set.csv: line 1: there is no column path"))
    #expect(try refusal("path\na.png\nb.png\na.png\n") == "set.csv: line 4: a.png is listed a second time")
    #expect(try refusal("path,bytes\na.png,many\n") == "set.csv: line 2: bytes is 'many', expected a whole number")
    #expect(try refusal("path,sha256\na.png,12\n").hasPrefix("set.csv: line 2: sha256 is '12'"))
    #expect(try refusal("path,label\n,1\n") == "set.csv: line 2: the path is empty")
    #expect(try refusal("path\n") == "set.csv: lists no images; make it with palimpsest index DIR --out FILE.csv")
    #expect(!ImageIndex.isIndex(folder.url.path) && !ImageIndex.isIndex(folder.url.path + "/absent.csv"))
  }

  @Test func aFileThatBecameAnotherIsNoticed() throws {
    let bytes = try PixelImage(width: 2, height: 1, pixels: [1, 2, 3, 4, 5, 6]).png()
    try folder.write(bytes, to: "photos/a.png")
    let path = try index("path,sha256,folder\na.png,\(ContentIdentity(of: bytes)),photos\n")
    let entry = try #require(try ImageIndex.listing(path).entries.first)
    #expect(try entry.image().pixels == [1, 2, 3, 4, 5, 6])
    try folder.write(PixelImage(width: 2, height: 1, pixels: [1, 2, 3, 4, 5, 7]).png(), to: "photos/a.png")
    let error = #expect(throws: ImagingError.self) { try entry.image() }
    #expect(error?.reason == "is another file than the index lists (its SHA-256 differs); make the index again")
  }
}
