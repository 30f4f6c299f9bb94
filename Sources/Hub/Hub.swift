import Formats
import Foundation

/// The Hub as a program sees it: models and data sets by name, fetched into the cache that `huggingface_hub` shares.
public final class Hub {
  public let settings: HubSettings
  public let cache: HubCache
  let reporter: HubReporter
  private var opened: HubConnection?
  /// What the Hub said of files at a commit, while their fetching lasts.
  private var known: [String: FileMetadata] = [:]

  public init(_ settings: HubSettings = .environment, reporter: HubReporter = .silent) {
    self.settings = settings
    self.reporter = reporter
    cache = HubCache(settings.cache)
  }

  /// A repository as it lies in the cache.
  public struct Fetched: Sendable, Equatable {
    public let repository: HubRepository
    public let commit: String
    /// The snapshot's folder.
    public let folder: String
    public let files: [File]
  }

  public struct File: Sendable, Equatable, Encodable {
    /// Within the repository.
    public let path: String
    public let bytes: Int
    /// Whether it came now, and was not there before.
    public let isNew: Bool
  }

  /// The connection, opened when it is first needed: offline there is none.
  ///
  /// - Throws: ``HubError``.
  func connection() throws -> HubConnection {
    if let opened { return opened }
    let connection = try HubConnection(settings, reporter)
    opened = connection
    return connection
  }

  // MARK: One file

  /// A file of a commit in the cache, fetched where it is not there.
  ///
  /// - Parameter repository: with the commit as its revision.
  /// - Returns: nil where the repository does not have the file.
  /// - Throws: ``HubError``.
  func file(_ file: String, of repository: HubRepository) throws -> File? {
    let commit = repository.revision
    if let bytes = HubCache.size(cache.path(file, of: repository, commit: commit)) {
      return File(path: file, bytes: bytes, isNew: false)
    }
    if cache.lacks(file, of: repository, commit: commit) { return nil }
    guard let metadata = try metadata(file, of: repository) else {
      cache.mark(absent: file, of: repository, commit: commit)
      return nil
    }
    return try fetch(file, metadata, of: repository)
  }

  /// What the Hub says of a file; nil where the repository does not have it.
  ///
  /// - Parameter isOptional: a single try, for what is not worth a wait.
  func metadata(_ file: String, of repository: HubRepository, isOptional: Bool = false) throws -> FileMetadata? {
    if let said = known[Hub.key(file, of: repository)] { return said }
    guard HubRepository.isRelativePath(file) else {
      throw HubError(.unusable, "\(repository): '\(file)' is not a path within it; nothing was fetched")
    }
    let connection = try connection()
    let response = try connection.head(address(of: file, in: repository), isOptional: isOptional)
    if response.status == 404, response["x-error-code"] == "EntryNotFound" { return nil }
    guard response.status < 400 else { throw HubRefusal.error(response, repository, file: file, of: connection) }
    guard let metadata = FileMetadata(response) else {
      throw HubError(
        .unreachable,
        "\(connection.place) does not answer as the Hub does (\(file) of \(repository): no X-Repo-Commit or ETag); give another "
          + "mirror with HF_ENDPOINT, or leave it out")
    }
    remember(metadata, file, of: repository)
    return metadata
  }

  /// Keeps what is known of a file, so that it is not asked for again.
  func remember(_ metadata: FileMetadata, _ file: String, of repository: HubRepository) {
    known[Hub.key(file, of: repository.at(commit: metadata.commit))] = metadata
  }

  private static func key(_ file: String, of repository: HubRepository) -> String {
    "\(repository.kind.rawValue) \(repository.name)@\(repository.revision)/\(file)"
  }

  private func address(of file: String, in repository: HubRepository) throws -> URL {
    let prefix = repository.kind == .dataset ? ["datasets"] : []
    // The Hub takes a slash of a branch for one of the path unless it is escaped.
    let revision = repository.revision.replacing("/", with: "%2F")
    var url = try connection().address(prefix + [repository.name, "resolve", "REVISION", file]).absoluteString
    if let range = url.range(of: "/resolve/REVISION/") { url.replaceSubrange(range, with: "/resolve/\(revision)/") }
    guard let url = URL(string: url) else { throw HubError(.unusable, "\(url) is no address; correct the name") }
    return url
  }

  private func fetch(_ file: String, _ metadata: FileMetadata, of repository: HubRepository) throws -> File {
    let blob = cache.blob(metadata.etag, of: repository)
    try cache.makeFolder(FilePath.folder(of: blob))
    var isNew = false
    let name = "\(repository.name)/\(file)"
    try withExtendedLifetime(
      BlobLock(
        cache.lock(metadata.etag, of: repository), of: name, seconds: settings.lockSeconds, cache: cache, reporter,
        growing: { Hub.begun(blob) })
    ) {
      guard !HubCache.isFile(blob) else { return }
      try download(address(of: file, in: repository), metadata, to: blob, name: name, repository)
      isNew = true
    }
    try cache.link(file, of: repository, commit: repository.revision, to: metadata.etag)
    return File(path: file, bytes: HubCache.size(blob) ?? 0, isNew: isNew)
  }

  /// Bytes that any process has of a blob; `huggingface_hub` gives its files a number between name and ending.
  private static func begun(_ blob: String) -> Int {
    let (folder, name) = (FilePath.folder(of: blob), FilePath.name(of: blob))
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    return names.filter { $0.hasPrefix(name + ".") }.reduce(0) { $0 + (HubCache.size("\(folder)/\($1)") ?? 0) }
  }

  /// Fetches a blob, going on with what an earlier try left, checks it, and puts it in its place.
  private func download(
    _ url: URL, _ metadata: FileMetadata, to blob: String, name: String, _ repository: HubRepository
  ) throws {
    let connection = try connection()
    let partial = blob + ".incomplete"
    var begun = 0
    let file = try BlobFile(partial, size: metadata.size, cache: cache) { [reporter] position in
      reporter.progress(name, position, metadata.size ?? position, min(begun, position))
    }
    begun = file.position
    if let size = metadata.size { try file.requireRoom(for: size, name: name) }
    var fruitless = 0
    while metadata.size.map({ file.position < $0 }) ?? true {
      let before = file.position
      let response = try connection.receive(url, into: file)
      switch response.status {
      case 200, 206: break
      case 416: try file.empty()
      default: throw HubRefusal.error(response, repository, file: name, of: connection)
      }
      if metadata.size == nil { break }
      fruitless = file.position > before ? 0 : fruitless + 1
      guard fruitless < settings.attempts else {
        throw HubError(
          .damaged,
          "\(name): \(connection.place) sends no more than \(file.position) of \(metadata.size ?? 0) bytes; try again later"
        )
      }
    }
    try file.finish()
    if let problem = try file.problem(metadata) {
      unlink(partial)
      guard begun > 0 else {
        throw HubError(
          .damaged,
          "\(name): what came is not what the Hub said: \(problem); try again, or another mirror than \(settings.endpoint)"
        )
      }
      // What an earlier try left was at fault.
      return try download(url, metadata, to: blob, name: name, repository)
    }
    guard rename(partial, blob) == 0 else { throw cache.refusal(blob, errno) }
  }
}
