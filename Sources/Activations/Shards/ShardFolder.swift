import Formats
import Foundation

/// The folder `vit.h5.shards`: a store in several files, each with some of its rows and written for itself.
public struct ShardFolder: Sendable, Equatable {
  private static let suffix = ".shards"
  private static let manifestName = "shards.json"

  public let path: String

  /// - Parameter path: of the store, `vit.h5`, or of the folder itself.
  public init(_ path: String) {
    var name = path
    while name.count > 1, name.hasSuffix("/") { name.removeLast() }
    self.path = ShardFolder.isOne(name) || name.hasSuffix(ShardFolder.suffix) ? name : name + ShardFolder.suffix
  }

  /// Whether a folder of shards is at a path, or one that should be.
  public static func isOne(_ path: String) -> Bool {
    var isDirectory: ObjCBool = false
    guard FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory), isDirectory.boolValue else {
      return false
    }
    let name = path.split(separator: "/").last.map(String.init) ?? path
    return name.hasSuffix(suffix) || FileManager.default.fileExists(atPath: path + "/" + manifestName)
  }

  /// The folder of shards that is at `path`, or that belongs to the store there.
  ///
  /// - Throws: `StoreError` where there is none.
  public init(existing path: String) throws {
    self.init(path)
    guard ShardFolder.isOne(self.path) else {
      throw StoreError(
        .badRequest,
        "\(path) is no folder of shards; give one that palimpsest extract --shards made, such as vit.h5.shards")
    }
  }

  /// The store that a folder of shards stands for: `vit.h5` of `vit.h5.shards`; other paths as they are.
  public static func store(of path: String) -> String {
    var name = path
    while name.count > 1, name.hasSuffix("/") { name.removeLast() }
    return name.hasSuffix(suffix) ? String(name.dropLast(suffix.count)) : path
  }

  public var manifestPath: String { path + "/" + ShardFolder.manifestName }

  public func path(of shard: Int, _ layout: ShardLayout) -> String { path + "/" + layout.fileName(of: shard) }

  /// What its shards have in common.
  ///
  /// - Throws: `StoreError` where the folder holds no plan, or one that cannot be read.
  public func manifest() throws -> ShardManifest {
    guard FileManager.default.fileExists(atPath: manifestPath) else {
      throw StoreError(
        .badStore,
        "\(path): it is no store: it has no \(ShardFolder.manifestName); give a folder that palimpsest extract --shards made"
      )
    }
    return try ShardManifest(contentsOf: manifestPath)
  }

  /// The plan that is there already; nil where there is none.
  public func existingManifest() throws -> ShardManifest? {
    FileManager.default.fileExists(atPath: manifestPath) ? try manifest() : nil
  }

  /// Writes down what the shards have in common, or compares it with what is written down. The folder has to be there.
  ///
  /// - Parameter array: the tasks that were started to make the shards; the largest such array is kept.
  /// - Throws: `StoreError`: `otherSettings` that names the first setting that differs; `inputOutput`.
  public func plan(_ plan: StorePlan, shards: Int, array: TaskArray?) throws -> ShardManifest {
    let wanted = ShardManifest(plan, shards: shards, array: array)
    if try existingManifest() == nil { try write(wanted, replaces: false) }
    // Another process may have been faster, with other settings.
    var there = try manifest()
    if there.plan != wanted.plan {
      for setting in plan.identity(shards: shards) where there.settings[setting.name] != setting.value {
        throw StoreError(
          .otherSettings,
          "the shards in \(path) were planned with \(setting.name) \(StoreText.short(there.settings[setting.name] ?? "none")), "
            + "this command has \(StoreText.short(setting.value)); give another --out or remove them")
      }
      throw StoreError(.otherSettings, "the shards in \(path) are of another plan; give another --out or remove them")
    }
    if let array, array.count > there.array?.count ?? 0 {
      there.array = array
      try write(there, replaces: true)
    }
    return there
  }

  /// Whole, under another name first. Of processes that write at once, one is the first where the file system knows links.
  private func write(_ manifest: ShardManifest, replaces: Bool) throws {
    let partial = "\(path)/.\(ShardFolder.manifestName).\(ProcessInfo.processInfo.globallyUniqueString)"
    do {
      try AtomicFile.write(try manifest.encoded(), to: partial)
      defer { unlink(partial) }
      if !replaces {
        if link(partial, manifestPath) == 0 || errno == EEXIST { return }
      }
      guard rename(partial, manifestPath) == 0 else { throw FileWritingError(path: manifestPath, code: errno) }
    } catch let error as FileWritingError {
      throw StoreError.system("create", manifestPath, error.code)
    }
  }
}
