import Crypto
import Foundation
import Synchronization

/// Repositories in memory, served as the Hub serves them: small files at once under the SHA-1 that git gives them, large ones by a
/// redirect to a second server under their SHA-256.
public final class FakeHub: Sendable {
  public static let commit = String(repeating: "c0de", count: 10)

  public struct Faults: Sendable {
    /// Statuses of the first answers of all, with what `Retry-After` says.
    public var busy: [(status: Int, wait: String)] = []
    /// The first answers with a large file's bytes end after so many of them.
    public var cuts: [Int] = []
    /// Bytes of large files are changed.
    public var changes = false
    /// The storage does not know ranges.
    public var ignoresRanges = false

    public init() {}
  }

  public let front: LoopbackServer
  public let storage: LoopbackServer
  private let state: State

  private final class State: Sendable {
    let files: [String: [String: [UInt8]]]
    let token: String?
    let faults: Mutex<Faults>
    let storage = Mutex("")

    init(_ files: [String: [String: [UInt8]]], _ token: String?, _ faults: Faults) {
      self.files = files
      self.token = token
      self.faults = Mutex(faults)
    }
  }

  /// - Parameters:
  ///   - repositories: by `ORG/NAME`, or `datasets/ORG/NAME`, files by their paths.
  ///   - token: what repositories of `private` want.
  public init(_ repositories: [String: [String: [UInt8]]], token: String? = nil, faults: Faults = Faults()) throws {
    let state = State(repositories, token, faults)
    self.state = state
    storage = try LoopbackServer { FakeHub.bytes($0, state) }
    // Another name for the same machine is another host.
    state.storage.withLock { [storage] in $0 = "http://localhost:\(storage.port)" }
    front = try LoopbackServer { FakeHub.answer($0, state) }
  }

  public static func sha256(_ bytes: [UInt8]) -> String { hexadecimal(SHA256.hash(data: bytes)) }

  public static func gitBlob(_ bytes: [UInt8]) -> String {
    hexadecimal(Insecure.SHA1.hash(data: Array("blob \(bytes.count)\0".utf8) + bytes))
  }

  private static func hexadecimal(_ bytes: some Sequence<UInt8>) -> String {
    bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
  }

  private static func refusal(_ status: Int, _ code: String) -> LoopbackServer.Answer {
    .init(status, [("X-Error-Code", code), ("X-Error-Message", "said so")])
  }

  private static func answer(_ request: LoopbackServer.Request, _ state: State) -> LoopbackServer.Answer {
    if let busy = state.faults.withLock({ $0.busy.isEmpty ? nil : $0.busy.removeFirst() }) {
      return .init(busy.status, busy.wait.isEmpty ? [] : [("Retry-After", busy.wait)])
    }
    let path = request.path.removingPercentEncoding ?? request.path
    if let match = path.wholeMatch(of: /\/api\/models\?(.*)/) {
      let names = state.files.keys.sorted().filter { name in
        match.1.hasPrefix("author=") && name.hasPrefix(match.1.dropFirst(7).prefix { $0 != "&" } + "/")
      }
      return .init(200, body: Array("[\(names.map { "{\"id\": \"\($0)\"}" }.joined(separator: ", "))]".utf8))
    }
    if let match = path.wholeMatch(
      of: /\/api\/(models|datasets)\/([^\/]+\/[^\/]+)\/(revision|tree|refs)(?:\/([^?]+))?(?:\?.*)?/)
    {
      let name = (match.1 == "datasets" ? "datasets/" : "") + match.2
      guard let files = state.files[name] else { return refusal(404, "RepoNotFound") }
      switch match.3 {
      case "refs":
        return .init(200, body: Array("{\"branches\": [{\"name\": \"main\"}], \"tags\": [{\"name\": \"v1.0\"}]}".utf8))
      case "revision": return .init(200, body: Array("{\"sha\": \"\(commit)\"}".utf8))
      default:
        // Two entries a page, so that pages have to be turned.
        let first = path.contains("cursor=next") ? 2 : 0
        let rows = files.sorted { $0.key < $1.key }.map { path, bytes in
          let large = "\"lfs\": {\"oid\": \"\(sha256(bytes))\", \"size\": \(bytes.count)}, "
          return "{\"type\": \"file\", \"path\": \"\(path)\", \(isLarge(path, bytes) ? large : "")"
            + "\"oid\": \"\(gitBlob(bytes))\", \"size\": \(bytes.count)}"
        }
        let page = first == 0 ? Array(rows.prefix(2)) : Array(rows.dropFirst(2))
        let next = "<\(path.prefix { $0 != "?" })?cursor=next>; rel=\"next\""
        return .init(
          200, rows.count > 2 && first == 0 ? [("Link", next)] : [],
          body: Array("[\(page.joined(separator: ", "))]".utf8))
      }
    }
    guard let match = path.wholeMatch(of: /\/((?:datasets\/)?[^\/]+\/[^\/]+)\/resolve\/(.+?)\/([^\/]+(?:\/[^\/]+)*)/)
    else {
      return refusal(404, "RepoNotFound")
    }
    let name = String(match.1)
    guard let files = state.files[name] else { return refusal(401, "RepoNotFound") }
    if name.hasPrefix("private/") || name.hasPrefix("closed/"),
      request.headers["authorization"] != "Bearer \(state.token ?? "")"
    {
      return refusal(401, "GatedRepo")
    }
    if name.hasPrefix("closed/") { return refusal(403, "GatedRepo") }
    if name.hasPrefix("renamed/") {
      return .init(307, [("Location", request.path.replacing("/renamed/", with: "/org/"))])
    }
    guard [commit, "main", "v1.0"].contains(String(match.2)) else { return refusal(404, "RevisionNotFound") }
    guard let bytes = files[String(match.3)] else { return refusal(404, "EntryNotFound") }
    let known = [("X-Repo-Commit", commit)]
    guard isLarge(String(match.3), bytes) else {
      return .init(200, known + [("ETag", "\"\(gitBlob(bytes))\"")], body: bytes)
    }
    let sum = sha256(bytes)
    return .init(
      302,
      known + [
        ("X-Linked-Etag", "\"\(sum)\""), ("X-Linked-Size", "\(bytes.count)"), ("ETag", "\"\(gitBlob(bytes))\""),
        ("Location", "\(state.storage.withLock { $0 })/\(sum)"),
      ])
  }

  private static func isLarge(_ path: String, _ bytes: [UInt8]) -> Bool {
    path.hasSuffix(".safetensors") || bytes.count > 1000
  }

  private static func bytes(_ request: LoopbackServer.Request, _ state: State) -> LoopbackServer.Answer {
    guard request.headers["authorization"] == nil else { return .init(400) }
    let all = state.files.values.flatMap(\.values)
    guard var bytes = all.first(where: { "/" + sha256($0) == request.path }) else { return .init(404) }
    let (cut, changes, ignores) = state.faults.withLock { faults in
      (faults.cuts.isEmpty ? nil : faults.cuts.removeFirst(), faults.changes, faults.ignoresRanges)
    }
    if changes { bytes[0] ^= 1 }
    if !ignores, let match = request.headers["range"]?.wholeMatch(of: /bytes=(\d+)-/), let start = Int(match.1) {
      guard start < bytes.count else { return .init(416) }
      return .init(
        206, [("Content-Range", "bytes \(start)-\(bytes.count - 1)/\(bytes.count)")], body: Array(bytes[start...]),
        cut: cut)
    }
    return .init(200, body: bytes, cut: cut)
  }
}
