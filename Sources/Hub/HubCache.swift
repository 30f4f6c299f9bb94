import Formats
import Foundation

/// The cache of `huggingface_hub`: blobs by their ETag, snapshots that link to them, references from branches to commits, and marks of
/// files that a commit is known not to have.
public struct HubCache: Sendable {
  /// The folder with `models--ORG--NAME`.
  public let folder: String

  public init(_ folder: String) { self.folder = folder }

  // MARK: Where things are

  public func folder(of repository: HubRepository) -> String { "\(folder)/\(repository.folderName)" }

  /// The folder with the files of a commit.
  public func snapshot(_ repository: HubRepository, commit: String) -> String {
    "\(folder(of: repository))/snapshots/\(commit)"
  }

  /// Where a file of a commit is, or would be.
  func path(_ file: String, of repository: HubRepository, commit: String) -> String {
    "\(snapshot(repository, commit: commit))/\(file)"
  }

  func blob(_ etag: String, of repository: HubRepository) -> String { "\(folder(of: repository))/blobs/\(etag)" }

  func lock(_ etag: String, of repository: HubRepository) -> String {
    "\(folder)/.locks/\(repository.folderName)/\(etag).lock"
  }

  private func absence(_ file: String, of repository: HubRepository, commit: String) -> String {
    "\(folder(of: repository))/.no_exist/\(commit)/\(file)"
  }

  // MARK: What is there

  /// The commit that a revision stands for as far as the cache knows; nil where it does not.
  public func commit(of repository: HubRepository) -> String? {
    if repository.isPinned { return repository.revision }
    guard let text = try? SmallFile.text("\(folder(of: repository))/refs/\(repository.revision)", largest: 1 << 10)
    else {
      return nil
    }
    let commit = text.trimmingCharacters(in: .whitespacesAndNewlines)
    return HubRepository.isCommit(commit) ? commit : nil
  }

  /// Whether a file of a commit is there, whole.
  func holds(_ file: String, of repository: HubRepository, commit: String) -> Bool {
    HubCache.isFile(path(file, of: repository, commit: commit))
  }

  /// Whether a commit is known not to have a file: by a mark, or by the list of all its files that `huggingface_hub` keeps.
  func lacks(_ file: String, of repository: HubRepository, commit: String) -> Bool {
    if HubCache.isFile(absence(file, of: repository, commit: commit)) { return true }
    let list = "\(folder(of: repository))/trees/\(commit).json"
    guard let data = try? SmallFile.data(list, largest: 64 << 20), let object = try? JSONObject(parsing: [UInt8](data)),
      let files = try? object.object("files")
    else { return false }
    return !files.keys.contains(file)
  }

  /// Names of the repositories of a kind, in order.
  func repositories(_ kind: HubRepository.Kind) -> [String] {
    let prefix = "\(kind.rawValue)s--"
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    return names.filter { $0.hasPrefix(prefix) }.map {
      String($0.dropFirst(prefix.count)).replacing("--", with: "/", maxReplacements: 1)
    }.sorted()
  }

  /// Branches and tags with a reference, in order.
  func references(of repository: HubRepository) -> [String] {
    let refs = "\(folder(of: repository))/refs"
    let found = FileManager.default.enumerator(atPath: refs)?.compactMap { $0 as? String } ?? []
    return found.filter { HubCache.isFile("\(refs)/\($0)") }.sorted()
  }

  static func isFile(_ path: String) -> Bool {
    var status = stat()
    return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
  }

  static func isFolder(_ path: String) -> Bool {
    var status = stat()
    return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
  }

  static func size(_ path: String) -> Int? {
    var status = stat()
    return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFREG ? Int(status.st_size) : nil
  }

  // MARK: Writing

  /// Makes a folder and those above it.
  ///
  /// - Throws: ``HubError`` that names the folder and the way out.
  func makeFolder(_ path: String) throws {
    do { try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true) } catch {
      throw refusal(path, SystemReason.code(of: error))
    }
  }

  /// Why the cache cannot be written to, and what to do.
  func refusal(_ path: String, _ code: Int32) -> HubError {
    let way =
      [EROFS, EACCES, EPERM].contains(code)
      ? "give a folder of your own with HF_HUB_CACHE, or use what the cache holds with HF_HUB_OFFLINE=1"
      : [ENOSPC, EDQUOT].contains(code)
        ? "make room there, or give another folder with HF_HUB_CACHE; the same command goes on where it stopped"
        : SystemReason.repair(code)
    return HubError(.unusable, "cannot write \(path): \(SystemReason.text(code)); \(way)")
  }

  /// Lets a snapshot's file link to its blob, as `huggingface_hub` does; on a file system without links the file stands there itself.
  func link(_ file: String, of repository: HubRepository, commit: String, to etag: String) throws {
    let path = path(file, of: repository, commit: commit)
    try makeFolder(FilePath.folder(of: path))
    let up = String(repeating: "../", count: 2 + file.split(separator: "/").count - 1)
    let target = "\(up)blobs/\(etag)"
    if symlink(target, path) == 0 { return }
    guard errno == EEXIST else {
      guard [EPERM, ENOTSUP, ENOSYS].contains(errno),
        Foundation.link(blob(etag, of: repository), path) == 0 || errno == EEXIST
      else { throw refusal(path, errno) }
      return
    }
    // Another process was quicker; or the link leads to a blob that was removed.
    guard !HubCache.isFile(path) else { return }
    let partial = temporaryPath(repository)
    guard symlink(target, partial) == 0, rename(partial, path) == 0 else {
      let code = errno
      unlink(partial)
      throw refusal(path, code)
    }
  }

  /// A name that no other process has, where neither a snapshot nor a reference is looked for.
  private func temporaryPath(_ repository: HubRepository) -> String {
    "\(folder(of: repository))/.\(getpid())-\(UInt32.random(in: 0...UInt32.max)).partial"
  }

  /// Writes which commit a branch or tag stands for; nothing where that stands there already.
  func point(_ repository: HubRepository, to commit: String) throws {
    guard !repository.isPinned, self.commit(of: repository) != commit else { return }
    let path = "\(folder(of: repository))/refs/\(repository.revision)"
    try makeFolder(FilePath.folder(of: path))
    // Not by AtomicFile, whose temporary name two processes would share.
    let partial = temporaryPath(repository)
    do { try AtomicFile.write(Data(commit.utf8), to: partial, isDurable: true) } catch let error as FileWritingError {
      throw refusal(path, error.code)
    }
    guard rename(partial, path) == 0 else {
      let code = errno
      unlink(partial)
      throw refusal(path, code)
    }
  }

  /// Marks that a commit does not have a file. A cache that cannot be written to goes without.
  func mark(absent file: String, of repository: HubRepository, commit: String) {
    let path = absence(file, of: repository, commit: commit)
    guard (try? makeFolder(FilePath.folder(of: path))) != nil else { return }
    let descriptor = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0o666)
    if descriptor >= 0 { close(descriptor) }
  }
}
