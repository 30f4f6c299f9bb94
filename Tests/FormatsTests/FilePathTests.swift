import Formats
import Testing

@Suite struct FilePathTests {
  /// Python's `posixpath.dirname` and `basename` of the path without its last slashes, `.` for an empty folder.
  @Test func pathsAreTakenApartAsPOSIXDoes() {
    let cases: [(path: String, folder: String, name: String)] = [
      ("", ".", ""), ("a", ".", "a"), ("/", "/", "/"), ("a/", ".", "a"), ("./a", ".", "a"), (".", ".", "."),
      ("..", ".", ".."), ("//", "/", "/"), ("/a", "/", "a"), ("a/b", "a", "b"), ("a/b/", "a", "b"), ("a//b", "a", "b"),
      ("/a/b/c.h5", "/a/b", "c.h5"), ("a/é", "a", "é"), ("~/a", "~", "a"),
    ]
    for (path, folder, name) in cases {
      #expect(FilePath.folder(of: path) == folder, "\(path)")
      #expect(FilePath.name(of: path) == name, "\(path)")
    }
  }

  @Test func aStemIsTheNameWithoutItsEnding() {
    #expect(["a", "x/a.yaml", ".hidden", "a.b.c", "a/"].map(FilePath.stem(of:)) == ["a", "a", ".hidden", "a.b", "a"])
  }

  @Test func aTildeIsTheHomeThatIsGiven() {
    #expect(FilePath.expandingHome("~/m", home: "/h") == "/h/m")
    #expect(FilePath.expandingHome("~", home: "/h") == "/h")
    for path in ["~x/m", "a/~/m", "./~/m", ""] { #expect(FilePath.expandingHome(path, home: "/h") == path) }
    #expect(FilePath.expandingHome("~/m", home: nil) == "~/m")
  }
}

@Suite struct FileNamesTests {
  @Test func namesThatBecomeAlikeGetNumbers() {
    #expect(
      FileNames.distinct(["tv/monitor", "tv-monitor", "crane", "crane", "Crane", "stop sign", "tv-monitor-2"]) == [
        "tv-monitor", "tv-monitor-2", "crane", "crane-2", "Crane-3", "stop sign", "tv-monitor-2-2",
      ])
    // One letter with its accent, and the letter followed by the accent.
    #expect(FileNames.distinct(["\u{E9}", "e\u{301}"]) == ["\u{E9}", "\u{E9}-2"])
  }

  @Test func noNameHidesAFileOrLeavesItsFolder() {
    for name in FileNames.distinct([".", "..", "../a", "/etc/passwd", "a\u{0}b", "a\nb", "", " ", "con:", "a\u{202E}b"])
    {
      #expect(!name.isEmpty && !name.hasPrefix(".") && !name.contains("/"))
      #expect(name.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value != 0x202E })
    }
  }

  @Test func longNamesAreCutAndStayApart() {
    let long = String(repeating: "長", count: 200)
    let names = FileNames.distinct([long + "a", long + "b", String(repeating: "x", count: 300)])
    #expect(Set(names).count == 3)
    #expect(names.allSatisfy { $0.utf8.count <= 140 })
  }

  @Test func ofOtherScriptsASCIIKeepsADigest() {
    let names = FileNames.distinct(["实验一", "实验二", "a b", "a+b"], .ascii)
    // SHA-256 of the UTF-8 bytes, from `sha256sum`.
    #expect(names == ["name-2dac6e5b", "name-6ad7af0b", "a-b", "a-b-2"])
  }
}
