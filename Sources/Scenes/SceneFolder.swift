import Formats
import Foundation
import Imaging

/// A folder of scenes on disk: what is in it, and every write, each of which is whole or not there.
struct SceneFolder {
  let url: URL

  var images: URL { url.appendingPathComponent("images") }
  private var settingsFile: URL { url.appendingPathComponent("scenes.json") }
  private var journal: URL { url.appendingPathComponent("scenes.jsonl") }
  private static let partialPrefix = ".partial-"

  static func imageName(_ index: Int) -> String {
    let digits = String(index)
    return String(repeating: "0", count: max(0, 6 - digits.count)) + digits + ".png"
  }

  /// Makes the folder, or makes sure that what it holds was drawn with the same settings.
  ///
  /// - Returns: what keeps other processes from writing there, until it is released.
  func open(_ settings: SceneSettings) throws -> OutputLock {
    let manager = FileManager.default
    var isFolder: ObjCBool = false
    if manager.fileExists(atPath: url.path, isDirectory: &isFolder) {
      guard isFolder.boolValue else {
        throw SceneError("\(url.path) is a file, but scenes are written to a folder; choose another --out")
      }
    }
    do { try manager.createDirectory(at: url, withIntermediateDirectories: true) } catch {
      throw FileWritingError(path: url.path, error)
    }
    let lock = try OutputLock(folder: url.path)
    do {
      let content = try manager.contentsOfDirectory(atPath: url.path).sorted()
      if content.contains("scenes.json") {
        try check(settings)
      } else if let other = content.first(where: {
        !$0.hasPrefix(SceneFolder.partialPrefix) && $0 != OutputLock.nameInFolder && !isEmptyFolderOfImages($0)
      }) {
        throw SceneError(
          "\(url.path) is not empty (it holds \(other)) and was not made by `palimpsest scenes`; "
            + "choose another --out or empty it")
      }
      for name in content where name.hasPrefix(SceneFolder.partialPrefix) {
        try manager.removeItem(at: url.appendingPathComponent(name))
      }
      try manager.createDirectory(at: images, withIntermediateDirectories: true)
    } catch let error as SceneError {
      throw error
    } catch {
      throw FileWritingError(path: url.path, error)
    }
    if !manager.fileExists(atPath: settingsFile.path) {
      try write(try SceneJSON.encode(settings) + Data("\n".utf8), to: settingsFile)
    }
    return lock
  }

  /// What a run that was killed before it wrote its settings leaves.
  private func isEmptyFolderOfImages(_ name: String) -> Bool {
    name == images.lastPathComponent
      && (try? FileManager.default.contentsOfDirectory(atPath: images.path))?.isEmpty == true
  }

  private func check(_ settings: SceneSettings) throws {
    guard let data = try? Data(contentsOf: settingsFile),
      let found = try? SceneJSON.decode(SceneSettings.self, data), found.format == settings.format
    else {
      throw SceneError("\(settingsFile.path) does not describe scenes; choose another --out or empty \(url.path)")
    }
    guard found == settings else {
      throw SceneError(
        "\(url.path) holds scenes of seed \(found.seed), \(found.width)x\(found.height), context probability "
          + "\(found.contextProbability), drawings' version \(found.version), but asked for are seed \(settings.seed), "
          + "\(settings.width)x\(settings.height), \(settings.contextProbability), \(settings.version); "
          + "choose another --out")
    }
  }

  /// The records of the images that are there, from the first on without a gap; anything after a gap is forgotten.
  func records() throws -> [SceneRecord] {
    guard let data = FileManager.default.contents(atPath: journal.path) else { return [] }
    var records: [SceneRecord] = []
    var kept = 0
    var start = data.startIndex
    while let end = data[start...].firstIndex(of: 10) {
      guard let record = try? SceneJSON.decode(SceneRecord.self, data[start..<end]), record.id == records.count,
        size(of: images.appendingPathComponent(record.fileName)) == record.bytes
      else { break }
      records.append(record)
      start = data.index(after: end)
      kept = start
    }
    if kept < data.count { try write(data.prefix(kept), to: journal) }
    return records
  }

  func append(_ records: [SceneRecord]) throws {
    var lines = Data()
    for record in records {
      lines += try SceneJSON.encode(record)
      lines.append(10)
    }
    if !FileManager.default.fileExists(atPath: journal.path) { try write(Data(), to: journal) }
    do {
      let handle = try FileHandle(forWritingTo: journal)
      defer { try? handle.close() }
      try handle.seekToEnd()
      try handle.write(contentsOf: lines)
    } catch {
      throw FileWritingError(path: journal.path, error)
    }
  }

  /// Writes beside the place and renames, so that the file is whole whenever it is there. A link is followed.
  func write(_ data: Data, to place: URL) throws {
    let target = URL(fileURLWithPath: AtomicFile.target(of: place.path))
    let partial = target.deletingLastPathComponent().appendingPathComponent(
      SceneFolder.partialPrefix + target.lastPathComponent)
    do {
      try data.write(to: partial)
    } catch {
      try? FileManager.default.removeItem(at: partial)
      throw FileWritingError(path: target.path, error)
    }
    guard rename(partial.path, target.path) == 0 else { throw FileWritingError(path: target.path, code: errno) }
  }

  /// Refuses a run that the disk cannot hold.
  func requireSpace(for images: Int, of width: Int, _ height: Int) throws {
    // Drawn scenes take about 1.3 bytes a pixel as PNG.
    let needed = images * (width * height * 3 / 2 + 4096)
    let attributes = try? FileManager.default.attributesOfFileSystem(forPath: url.path)
    guard let free = (attributes?[.systemFreeSize] as? NSNumber)?.intValue, free < needed else { return }
    throw SceneError(
      "\(images) images of \(width)x\(height) take about \(needed / 1_000_000) MB, but the disk of \(url.path) has "
        + "\(free / 1_000_000) MB left; ask for fewer with --count or a smaller --size")
  }

  private func size(of file: URL) -> Int? {
    let attributes = try? FileManager.default.attributesOfItem(atPath: file.path)
    return (attributes?[.size] as? NSNumber)?.intValue
  }
}
