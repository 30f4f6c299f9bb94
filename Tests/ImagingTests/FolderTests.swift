import Formats
import Foundation
import Imaging
import TestSupport
import Testing

@Suite struct FolderTests {
  @Test func picturesAtAnyDepthComeInTheOrderOfTheirBytes() throws {
    let folder = try TemporaryFolder()
    let names = [
      "b.png", "a/z.JPG", "B.jpeg", "a b's \"c\".png", "line\nbreak.png", "é.png", "a.png", "a/y/x.Png",
      "a/.hidden.png",
      ".git/c.png", "notes.txt", "a.png.txt", "png", "z.png/inner.jpg",
    ]
    for name in names { try folder.write([1], to: name) }
    let paths = try ImageFolder.list(folder.url).map(\.relativePath)
    #expect(
      paths == [
        "B.jpeg", "a b's \"c\".png", "a.png", "a/y/x.Png", "a/z.JPG", "b.png", "line\nbreak.png", "z.png/inner.jpg",
        "é.png",
      ])
    let entries = try ImageFolder.list(folder.url, taking: .first(2))
    #expect(entries.map(\.relativePath) == ["B.jpeg", "a b's \"c\".png"])
    for entry in try ImageFolder.list(folder.url) { #expect(try Data(contentsOf: entry.url) == Data([1])) }
  }

  @Test func linksAreFollowedButNotInACircle() throws {
    let folder = try TemporaryFolder()
    try folder.write([1], to: "in/a.png")
    try folder.write([2], to: "other/b.png")
    let manager = FileManager.default
    func link(_ path: String, to target: String) throws {
      try manager.createSymbolicLink(
        atPath: folder.url.appendingPathComponent(path).path, withDestinationPath: target)
    }
    try link("in/circle", to: "../in")
    try link("in/there", to: "../other")
    try link("in/c.png", to: "../other/b.png")
    try link("in/broken.png", to: "nowhere")
    let paths = try ImageFolder.list(folder.url.appendingPathComponent("in")).map(\.relativePath)
    #expect(paths == ["a.png", "broken.png", "c.png", "there/b.png"])

    // A folder of pictures that is gone is said; hidden links and other files are none of our business.
    try link("in/z-gone", to: "../gone")
    try link("in/there/gone", to: "/nowhere/at/all")
    try link("in/.hidden", to: "nowhere")
    let listing = try ImageFolder.listing(folder.url.appendingPathComponent("in"))
    #expect(listing.entries.map(\.relativePath) == paths)
    #expect(listing.brokenLinks == ["there/gone", "z-gone"])
    #expect(
      listing.sentences == [
        "2 links lead nowhere (the file or folder is gone, or may not be read), the first: there/gone"
      ])
    try folder.write([1], to: "none/a.txt")
    try link("none/gone", to: "../gone")
    let none = folder.url.appendingPathComponent("none")
    #expect(
      message { _ = try ImageFolder.list(none) }
        == "\(none.path): no images in this folder (looked for JPEG, PNG, WebP, BMP and TIFF by their endings at any depth); "
        + "1 link leads nowhere (the file or folder is gone, or may not be read), the first: gone")
  }

  @Test func errorsSayWhatIsWrongWithTheFolder() throws {
    let folder = try TemporaryFolder()
    let path = folder.url.path
    #expect(
      message { _ = try ImageFolder.list(folder.url) }
        == "\(path): no images in this folder (looked for JPEG, PNG, WebP, BMP and TIFF by their endings at any depth)")
    let absent = folder.url.appendingPathComponent("absent")
    #expect(message { _ = try ImageFolder.list(absent) } == "\(absent.path): no such file or folder")
    let file = try folder.write([1], to: "a.png")
    #expect(message { _ = try ImageFolder.list(file) } == "\(file.path): is not a folder")
    #expect(
      message { _ = try ImageFolder.list(folder.url, taking: .first(0)) }
        == "a limit of 0 images leaves nothing; give 1 or more")
    #expect(
      message { _ = try ImageFolder.list(folder.url, taking: .random(0, seed: 0)) }
        == "a sample of 0 images leaves nothing; give 1 or more")
  }
}

@Suite struct LabelsTests {
  /// As spreadsheets of many countries write them: byte order mark, quotes, semicolons or tabs, CR LF.
  @Test func semicolonsAndTabsStandForCommas() throws {
    for text in [
      "\u{FEFF}\"path\";\"label\"\r\n\"a; b.png\";\"cat\"\r\n\"c,d.png\";dog\r\n",
      "path\tlabel\na; b.png\tcat\nc,d.png\tdog\n", "\"a; b.png\"\tcat\n\"c,d.png\"\tdog",
    ] {
      let labels = try labels(text)
      #expect(labels.classes == ["cat", "dog"], "\(text)")
      #expect(labels.label(of: "a; b.png") == 0 && labels.label(of: "c,d.png") == 1, "\(text)")
    }
    // Where the first line has a comma, commas separate.
    let commas = try labels("path,label\na;b.png,cat;dog\n")
    #expect(commas.classes == ["cat;dog"] && commas.label(of: "a;b.png") == 0)
  }

  private func labels(_ text: String) throws -> Labels { try Labels(parsing: Array(text.utf8)) }

  @Test func namesBecomeSortedClasses() throws {
    let labels = try labels("path,label\r\na.png,dog\r\n\"sub/b, \"\"c\"\".png\",\"cat, big\"\r\nd.png,\r\n")
    #expect(labels.classes == ["cat, big", "dog"])
    #expect(labels.label(of: "a.png") == 1)
    #expect(labels.label(of: "sub/b, \"c\".png") == 0)
    #expect(labels.label(of: "d.png") == -1)
    #expect(labels.label(of: "elsewhere/a.png") == 1)
    #expect(labels.label(of: "e.png") == -1)
  }

  @Test func integersAreKeptAndColumnsMayStandInAnyOrder() throws {
    let labels = try labels("\u{FEFF}label,note,path\n3,x,a.png\n-1,y,b.png\n0,\"two\nlines\",c.png")
    #expect(labels.classes == ["0", "1", "2", "3"])
    #expect(["a.png", "b.png", "c.png"].map(labels.label(of:)) == [3, -1, 0])
    #expect(try self.labels("a.png,7\n").label(of: "a.png") == 7)
  }

  @Test func aHeaderOfOtherNamesIsUnderstoodOrRefused() throws {
    let rows = (0..<12).map { "\($0).png,\($0)\n" }.joined()
    for header in ["filename,label", "image,class", "File_Name,Target", "path,label"] {
      let labels = try labels("\(header)\n\(rows)")
      #expect(labels.classes == (0..<12).map { "\($0)" }, "\(header)")
      #expect((0..<12).map { labels.label(of: "\($0).png") } == Array(0..<12), "\(header)")
    }
    for header in ["foo,bar", "filename;label", "id,prediction", "image,file,label", "image,label,class", "img001,cat"]
    {
      #expect(
        message { _ = try labels("\(header)\n\(rows)") }?.hasPrefix("line 1 is '\(header)', which names no one column")
          == true,
        "\(header)")
    }
  }

  @Test func integersAmongNamesAreSortedByValue() throws {
    // 2,000,000 is too large for a label that is kept as it is.
    let labels = try labels("path,label\na.png,10\nb.png,9\nc.png,2000000\nd.png,zebra\ne.png,ant\n")
    #expect(labels.classes == ["9", "10", "2000000", "ant", "zebra"])
    // As pandas writes integers beside an empty cell.
    let floats = try self.labels("path,label\na.png,3.0\nb.png,\nc.png,1.0\n")
    #expect(["a.png", "b.png", "c.png"].map(floats.label(of:)) == [3, -1, 1])
  }

  @Test func pathsFromWindowsAndFromOtherFoldersAreFound() throws {
    let labels = try labels("path,label\nimages\\a\\1.png,4\nC:\\data\\b\\1.png,5\ntrain/2.png,6\n")
    #expect(["a/1.png", "b/1.png", "2.png", "c/1.png"].map(labels.label(of:)) == [4, 5, 6, -1])
    let matches = labels.matches(["a/1.png", "x/2.png", "y/2.png", "3.png"])
    // Two pictures would share train/2.png by their names alone.
    #expect(matches.keys == ["images/a/1.png", nil, nil, nil])
    #expect(matches.shared == ["x/2.png", "y/2.png"] && matches.missing == ["3.png"] && matches.unused == 1)
  }

  @Test func malformedFilesNameTheLine() {
    #expect(message { _ = try labels("") } == "no labels in it; expected the columns path,label")
    #expect(message { _ = try labels("a.png,1\nb.png\n") } == "line 2: expected the columns path,label")
    #expect(
      message { _ = try labels("a.png,1\n\"b.png,2\n") }
        == "line 2: a quoted field is not closed before the end of the file")
    #expect(
      message { _ = try labels("a.png,1\nb\"c.png,2\n") }
        == "line 2: a quote inside an unquoted field; quote the whole field")
    #expect(message { _ = try labels("a.png,1\na.png,2\n") } == "line 2: a.png has two different labels")
    #expect(message { _ = try Labels(parsing: [0xFF, 0xFE, 0x41]) } == "is not UTF-8 text; save it again as UTF-8")
  }
}
