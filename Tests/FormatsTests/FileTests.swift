import Formats
import Foundation
import TestSupport
import Testing

@Suite struct FileTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  @Test func aFileIsWrittenThroughALink() throws {
    try folder.makeFolder("large")
    try FileManager.default.createSymbolicLink(atPath: folder.path("to"), withDestinationPath: "large/file.txt")
    try AtomicFile.write(Data("one".utf8), to: folder.path("to"))
    try AtomicFile.write(Data("two".utf8), to: folder.path("to"), isDurable: true)
    #expect(try folder.text(of: "large/file.txt") == "two")
    #expect(try FileManager.default.destinationOfSymbolicLink(atPath: folder.path("to")) == "large/file.txt")
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path("large")) == ["file.txt"])
  }

  @Test func aTableIsWrittenThroughALink() throws {
    try folder.makeFolder("large")
    try FileManager.default.createSymbolicLink(atPath: folder.path("t.csv"), withDestinationPath: "large/u.csv")
    let writer = try CommaSeparatedWriter(path: folder.path("t.csv"), header: ["a"])
    try writer.finish()
    #expect(try folder.text(of: "large/u.csv") == "a\n")
    #expect(try FileManager.default.destinationOfSymbolicLink(atPath: folder.path("t.csv")) == "large/u.csv")
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path("large")) == ["u.csv"])
  }

  /// 255 bytes are what file systems of Linux have for a name.
  @Test func theLongestNameHasRoomForItsTemporaryOne() throws {
    let name = String(repeating: "n", count: 255)
    try AtomicFile.write(Data([1]), to: folder.path(name))
    #expect(try folder.names() == [name])
    let error = #expect(throws: FileWritingError.self) {
      try AtomicFile.write(Data([1]), to: folder.path(name + "n"))
    }
    #expect(error?.reason == "File name too long")
    #expect(error?.exitStatus == 2)
    #expect(try folder.names() == [name])
  }

  @Test(arguments: [
    (ENOSPC, 1, "No space left on device"), (EDQUOT, 1, "Disk quota exceeded"), (EFBIG, 1, "File too large"),
    (EIO, 1, "Input/output error"), (EACCES, 2, "Permission denied"), (EROFS, 2, "Read-only file system"),
    (ENAMETOOLONG, 2, "File name too long"), (ENOENT, 2, "No such file or directory"), (ENOTDIR, 2, "Not a directory"),
  ])
  func whatTheSystemSays(code: Int32, status: Int32, text: String) {
    let error = FileWritingError(path: "p", code: code)
    #expect(error.exitStatus == status)
    #expect(error.description.hasPrefix("cannot write p: \(text); "))
  }

  /// Foundation's errors, as it throws them.
  @Test func theReasonIsFoundInFoundationsErrors() {
    func code(_ work: () throws -> Void) -> Int32 {
      do { try work() } catch { return SystemReason.code(of: error) }
      return -1
    }
    #expect(code { try Data([1]).write(to: URL(fileURLWithPath: "/dev/full")) } == ENOSPC)
    #expect(code { try Data([1]).write(to: URL(fileURLWithPath: folder.path("none/x"))) } == ENOENT)
    #expect(code { try Data([1]).write(to: folder.url, options: .atomic) } != 0)
    let long = folder.path(String(repeating: "x", count: 300))
    #expect(code { try Data([1]).write(to: URL(fileURLWithPath: long)) } == ENAMETOOLONG)
    #expect(
      code { try FileHandle(forWritingTo: URL(fileURLWithPath: "/dev/full")).write(contentsOf: Data([1])) } == ENOSPC)
    #expect(
      code { try FileManager.default.createDirectory(atPath: "/proc/none/a", withIntermediateDirectories: true) }
        == ENOENT)
    #expect(code { _ = try Data(contentsOf: URL(fileURLWithPath: folder.path("none"))) } == ENOENT)
  }

  @Test func onlyOneWriterAtATime() throws {
    let lock = try OutputLock(folder: folder.path)
    let error = #expect(throws: OutputInUse.self) { try OutputLock(folder: folder.path) }
    #expect(
      error?.description
        == "another palimpsest is at work in \(folder.path); wait for it to end, or choose another --out")
    lock.release()
    #expect(try folder.names() == [])
    // What a killed process left behind keeps nobody out.
    try folder.write("", to: OutputLock.nameInFolder)
    let next = try OutputLock(folder: folder.path)
    let beside = try OutputLock(beside: folder.path("report"))
    #expect(throws: OutputInUse.self) { try OutputLock(beside: folder.path("report")) }
    next.release()
    beside.release()
    #expect(try folder.names() == [])
  }

  @Test func aFolderIsExchangedAsAWhole() throws {
    try folder.write("old", to: "out/a.txt")
    try folder.write("new", to: "staging/b.txt")
    try FolderExchange.publish(folder.path("staging"), at: folder.path("out"))
    #expect(try folder.names() == ["out"])
    #expect(try folder.text(of: "out/b.txt") == "new")
    #expect(!folder.exists("out/a.txt"))
    // Killed between the two steps of a file system that cannot exchange names.
    try FileManager.default.moveItem(atPath: folder.path("out"), toPath: folder.path(".out.previous"))
    FolderExchange.restore(folder.path("out"))
    #expect(try folder.names() == ["out"])
    #expect(try folder.text(of: "out/b.txt") == "new")
  }

  @Test func onlyFilesOfTheExpectedSizeAreRead() throws {
    try folder.write("text", to: "file")
    #expect(try SmallFile.text(folder.path("file"), largest: 4) == "text")
    #expect(
      message { try SmallFile.data(folder.path("file"), largest: 3) }
        == "\(folder.path("file")) has 4 bytes, more than the 3 that are read")
    #expect(mkfifo(folder.path("pipe"), 0o600) == 0)
    #expect(
      message { try SmallFile.data(folder.path("pipe"), largest: 9) } == "\(folder.path("pipe")) is not a regular file")
    #expect(message { try SmallFile.data(folder.path, largest: 9) } == "\(folder.path) is a folder, not a file")
    #expect(message { try SmallFile.data(folder.path("none"), largest: 9) } == "\(folder.path("none")): no such file")
    try folder.write([0xFF], to: "bytes")
    #expect(try SmallFile.text(folder.path("bytes"), largest: 4) == nil)
  }
}
