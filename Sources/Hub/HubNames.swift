import Formats
import Foundation

/// Names that were perhaps meant.
enum HubNames {
  /// ` (did you mean 'ORG/NAME'?)` for the nearest of the folders beside what was given, the repositories of the cache, and what the Hub
  /// finds; empty where none is near.
  static func suggestion(_ repository: HubRepository, _ connection: HubConnection?, cache: HubCache? = nil) -> String {
    let cache = cache ?? connection.map { HubCache($0.settings.cache) }
    let near = folders(beside: repository.name) + (cache?.repositories(repository.kind) ?? [])
    let known = nearest(repository.name, among: near)
    guard known.isEmpty, let connection else { return known }
    return nearest(repository.name, among: search(repository, connection))
  }

  /// Of long names with a common beginning a few edits are much: another model of the same owner is no slip.
  private static func nearest(_ name: String, among names: [String]) -> String {
    let few = max(2, name.count / 6)
    return Spelling.suggestion(
      for: name, among: names.filter { Spelling.distance(name.lowercased(), $0.lowercased()) <= few })
  }

  /// Folders that lie where `ORG/NAME` would, as a path.
  private static func folders(beside path: String) -> [String] {
    let folder = FilePath.folder(of: path)
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    return names.filter { !$0.hasPrefix(".") }.sorted().prefix(10_000).map { "\(folder)/\($0)" }
  }

  /// What the Hub's own search finds for the name, of the same owner and of any; empty where it cannot be asked.
  private static func search(_ repository: HubRepository, _ connection: HubConnection) -> [String] {
    let parts = repository.name.split(separator: "/").map(String.init)
    // The beginning of the name finds more than a name with a slip in it.
    let words = parts[1].split(whereSeparator: { "-_.".contains($0) })
    let queries = ["author=\(parts[0])&limit=100", "search=\(words.first ?? "")&limit=100"]
    return queries.flatMap { query -> [String] in
      do {
        let response = try connection.get(
          connection.address(["api", "\(repository.kind.rawValue)s"], query: query), isOptional: true)
        guard response.status == 200, let list = try JSONValue(parsing: [UInt8](response.body)).elements else {
          return []
        }
        return list.compactMap { entry in
          guard case .object(let fields) = entry, case .string(let name)? = fields["id"] else { return nil }
          return name
        }
      } catch {
        // A name to suggest is not worth another error.
        return []
      }
    }
  }

  /// Branches and tags: those that the Hub lists, and those of the cache.
  static func revisions(of repository: HubRepository, _ connection: HubConnection) -> [String] {
    let own = HubCache(connection.settings.cache).references(of: repository)
    do {
      let path = ["api", "\(repository.kind.rawValue)s", repository.name, "refs"]
      let response = try connection.get(connection.address(path), isOptional: true)
      guard response.status == 200 else { return own }
      let object = try JSONObject(parsing: [UInt8](response.body))
      return try own
        + ["branches", "tags"].flatMap { try object.objects($0) ?? [] }.compactMap { try $0.string("name") }
    } catch {
      return own
    }
  }
}
