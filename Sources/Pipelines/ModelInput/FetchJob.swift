import Formats
import Foundation
import Hub

/// Models or data sets of the Hub brought into the cache, for later and for machines without a network.
public struct FetchJob: Sendable {
  public var repositories: [HubRepository]
  /// Which files of data sets, as shells write them; empty for all.
  public var only: [String]

  /// - Parameters:
  ///   - names: `ORG/NAME` or `ORG/NAME@REVISION` each.
  ///   - kind: what they are.
  /// - Throws: ``BadInput`` for what is no name.
  public init(_ names: [String], kind: HubRepository.Kind, only: [String] = []) throws {
    repositories = try names.map { name in
      guard let repository = HubRepository(name, kind: kind) else {
        throw BadInput("'\(name)' is no name of the Hub; give ORG/NAME or ORG/NAME@REVISION")
      }
      return repository
    }
    self.only = only
  }

  /// What lies in the cache now.
  public struct Result: Encodable, Sendable {
    public let name: String
    public let revision: String
    public let commit: String
    /// The snapshot's folder.
    public let folder: String
    public let files: [Hub.File]

    /// In a line for people.
    public var line: String {
      let new = files.filter(\.isNew)
      let came =
        new.isEmpty
        ? "all there already"
        : "\(new.count) fetched (\(NumberText.bytes(new.reduce(0) { $0 + $1.bytes })))"
      return "\(name)@\(commit): \(files.count) \(files.count == 1 ? "file" : "files"), \(came)\n  \(folder)"
    }
  }

  /// - Throws: `HubError`; ``Interrupted``, and the same job goes on where it stopped.
  public func run(_ reporter: JobReporter = .silent) throws -> [Result] {
    try Hub.fetching(reporter) { hub in
      try repositories.map { repository in
        let found =
          repository.kind == .dataset
          ? try hub.dataset(repository, only: only) : try hub.model(repository, mayBeOld: false)
        let result = Result(
          name: repository.name, revision: repository.revision, commit: found.commit, folder: found.folder,
          files: found.files)
        reporter.say(result.line)
        return result
      }
    }
  }
}
