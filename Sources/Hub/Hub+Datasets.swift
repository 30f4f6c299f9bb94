import Formats
import Foundation

/// Data sets, and what a repository holds.
extension Hub {
  /// A repository's files at a commit.
  struct Listing {
    let commit: String
    let files: [String]
  }

  /// What a repository holds at a revision.
  ///
  /// - Throws: ``HubError``.
  func listing(_ repository: HubRepository, _ connection: HubConnection) throws -> Listing {
    let base = ["api", "\(repository.kind.rawValue)s", repository.name]
    let revision = repository.revision.replacing("/", with: "%2F")
    let place = connection.place
    let failure: JSONObject.Failure = {
      HubError(.unreachable, "\(place) lists \(repository.name) unreadably (\($0)); try again later")
    }
    func ask(_ url: URL) throws -> HTTPResponse {
      let response = try connection.get(url)
      guard response.status == 200 else { throw HubRefusal.error(response, repository, of: connection) }
      return response
    }
    func address(_ what: String, query: String? = nil) throws -> URL {
      let text = try connection.address(base).absoluteString + "/\(what)/\(revision)" + (query.map { "?\($0)" } ?? "")
      guard let url = URL(string: text) else { throw HubError(.unusable, "\(text) is no address; correct the name") }
      return url
    }
    let facts = try JSONObject(parsing: [UInt8](ask(address("revision")).body), failure: failure)
    guard let commit = try facts.string("sha"), HubRepository.isCommit(commit) else {
      throw failure("no commit is named")
    }
    var files: [String] = []
    var next: URL? = try address("tree", query: "recursive=true")
    while let url = next {
      let response = try ask(url)
      guard let entries = try JSONValue(parsing: [UInt8](response.body)).elements else { throw failure("no list") }
      for case .object(let fields) in entries {
        guard case .string("file")? = fields["type"], case .string(let path)? = fields["path"],
          HubRepository.isRelativePath(path)
        else { continue }
        files.append(path)
        if let metadata = FileMetadata(listed: fields, commit: commit) { remember(metadata, path, of: repository) }
      }
      // Long lists come in pages.
      next = response["link"]?.firstMatch(of: /<([^>]+)>;\s*rel="next"/).flatMap {
        URL(string: String($0.1), relativeTo: url)?.absoluteURL
      }
    }
    return Listing(commit: commit, files: files.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) })
  }

  /// A data set in the cache; what is not there is fetched.
  ///
  /// - Parameter patterns: which of its files, as shells write them, where `*` also stands for slashes; empty for all.
  /// - Throws: ``HubError``.
  public func dataset(_ repository: HubRepository, only patterns: [String] = []) throws -> Fetched {
    if let offline = settings.offline {
      return try offlineDataset(repository, patterns, "\(offline) forbids the network")
    }
    let listing = try listing(repository, connection())
    let pinned = repository.at(commit: listing.commit)
    let chosen = listing.files.filter { file in patterns.isEmpty || patterns.contains { fnmatch($0, file, 0) == 0 }
    }
    guard !chosen.isEmpty else {
      throw HubError(
        .notFound,
        "\(repository): none of its \(listing.files.count) files match \(patterns.joined(separator: ", "))"
          + (listing.files.first.map { "; there is, for example, \($0)" } ?? ""))
    }
    let files = try chosen.map { wanted in
      guard let file = try file(wanted, of: pinned) else {
        throw HubError(.damaged, "\(pinned): the Hub lists \(wanted) and does not have it; try again later")
      }
      return file
    }
    try cache.point(repository, to: listing.commit)
    return Fetched(
      repository: repository, commit: listing.commit, folder: cache.snapshot(repository, commit: listing.commit),
      files: files)
  }

  /// What the cache has of a data set. Whether that is all cannot be known.
  private func offlineDataset(_ repository: HubRepository, _ patterns: [String], _ reason: String) throws -> Fetched {
    guard let commit = cache.commit(of: repository), HubCache.isFolder(cache.snapshot(repository, commit: commit))
    else {
      throw HubError(
        .offline,
        "\(repository) is not in the cache \(settings.cache)\(HubNames.suggestion(repository, nil, cache: cache)), and \(reason); fetch "
          + "it where there is a network: palimpsest fetch --dataset \(repository)")
    }
    let folder = cache.snapshot(repository, commit: commit)
    let names = FileManager.default.enumerator(atPath: folder)?.compactMap { $0 as? String } ?? []
    let files = names.sorted().compactMap { name -> File? in
      guard patterns.isEmpty || patterns.contains(where: { fnmatch($0, name, 0) == 0 }) else { return nil }
      return HubCache.size("\(folder)/\(name)").map { File(path: name, bytes: $0, isNew: false) }
    }
    reporter.note("\(repository): \(reason), so this is what was fetched before; whether it is everything is not known")
    return Fetched(repository: repository, commit: commit, folder: folder, files: files)
  }
}
