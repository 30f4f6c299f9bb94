import Foundation
import Hub
import Synchronization
import TestSupport
import Testing

@Suite struct HubFetchTests {
  let folder: TemporaryFolder
  static let weights = (0..<300_000).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 >> 8) }
  static let configuration = Array("{\"model_type\": \"vit\"}".utf8)
  static let files: [String: [UInt8]] = [
    "config.json": configuration, "model.safetensors": weights, "preprocessor_config.json": Array("{}".utf8),
    "pytorch_model.bin": [1, 2, 3], "README.md": [4],
  ]

  init() throws { folder = try TemporaryFolder() }

  private func repository(_ text: String, _ kind: HubRepository.Kind = .model) throws -> HubRepository {
    try #require(HubRepository(text, kind: kind))
  }

  private var cache: String { ".cache/huggingface/hub/models--org--vit" }

  @Test func aModelComesIntoTheLayoutOfHuggingfaceHub() throws {
    let hub = try FakeHub(["org/vit": Self.files])
    let found = try Hub(hub.settings(folder)).model(repository("org/vit"))
    #expect(found.commit == FakeHub.commit)
    #expect(found.folder == folder.path("\(cache)/snapshots/\(FakeHub.commit)"))
    #expect(found.files.map(\.path) == ["config.json", "preprocessor_config.json", "model.safetensors"])
    #expect(found.files.map(\.isNew) == [true, true, true])
    #expect(try folder.bytes(of: "\(cache)/snapshots/\(FakeHub.commit)/model.safetensors") == Self.weights)
    let sum = FakeHub.sha256(Self.weights)
    let link = try FileManager.default.destinationOfSymbolicLink(atPath: found.folder + "/model.safetensors")
    #expect(link == "../../blobs/\(sum)")
    #expect(try folder.text(of: "\(cache)/refs/main") == FakeHub.commit)
    #expect(folder.exists("\(cache)/blobs/\(FakeHub.gitBlob(Self.configuration))"))
    #expect(folder.exists("\(cache)/.no_exist/\(FakeHub.commit)/processor_config.json"))
    // Pickles and pages are not fetched.
    #expect(!hub.front.requests.contains { $0.path.contains("bin") || $0.path.contains("README") })
  }

  @Test func whatIsThereIsNotFetchedAgainAndACommitAsksNothing() throws {
    let hub = try FakeHub(["org/vit": Self.files])
    let settings = hub.settings(folder)
    _ = try Hub(settings).model(repository("org/vit"))
    let before = (hub.front.requests.count, hub.storage.requests.count)
    let again = try Hub(settings).model(repository("org/vit"))
    #expect(again.files.allSatisfy { !$0.isNew })
    #expect(hub.front.requests.dropFirst(before.0).map(\.method) == ["HEAD"])
    let pinned = try Hub(settings).model(repository("org/vit@\(FakeHub.commit)"))
    #expect(pinned.folder == again.folder)
    #expect(hub.front.requests.count == before.0 + 1)
    #expect(hub.storage.requests.count == before.1)
  }

  @Test func aBrokenLineGoesOnWhereItBroke() throws {
    var faults = FakeHub.Faults()
    faults.cuts = [1000, 100_000]
    let hub = try FakeHub(["org/vit": Self.files], faults: faults)
    let found = try Hub(hub.settings(folder)).model(repository("org/vit"))
    #expect(hub.storage.requests.map { $0.headers["range"] ?? "all" } == ["all", "bytes=1000-", "bytes=101000-"])
    #expect(try Data(contentsOf: URL(fileURLWithPath: found.folder + "/model.safetensors")) == Data(Self.weights))
    #expect(try folder.names().isEmpty == false)
  }

  @Test func whatAnEarlierProcessLeftIsGoneOnWith() throws {
    let hub = try FakeHub(["org/vit": Self.files])
    let sum = FakeHub.sha256(Self.weights)
    try folder.write(Self.weights.prefix(250_000), to: "\(cache)/blobs/\(sum).incomplete")
    _ = try Hub(hub.settings(folder)).model(repository("org/vit"))
    #expect(hub.storage.requests.map { $0.headers["range"] } == ["bytes=250000-"])
    #expect(try folder.bytes(of: "\(cache)/blobs/\(sum)") == Self.weights)
    #expect(!folder.exists("\(cache)/blobs/\(sum).incomplete"))
  }

  @Test func aWrongBeginningIsFetchedAnew() throws {
    let hub = try FakeHub(["org/vit": Self.files])
    let sum = FakeHub.sha256(Self.weights)
    try folder.write([UInt8](repeating: 7, count: 1000), to: "\(cache)/blobs/\(sum).incomplete")
    _ = try Hub(hub.settings(folder)).model(repository("org/vit"))
    #expect(hub.storage.requests.map { $0.headers["range"] ?? "all" } == ["bytes=1000-", "all"])
    #expect(try folder.bytes(of: "\(cache)/blobs/\(sum)") == Self.weights)
  }

  @Test func aServerWithoutRangesIsUnderstood() throws {
    var faults = FakeHub.Faults()
    faults.cuts = [1000]
    faults.ignoresRanges = true
    let hub = try FakeHub(["org/vit": Self.files], faults: faults)
    _ = try Hub(hub.settings(folder)).model(repository("org/vit"))
    #expect(try folder.bytes(of: "\(cache)/blobs/\(FakeHub.sha256(Self.weights))") == Self.weights)
  }

  @Test func bytesThatAreNotWhatTheHubSaidNeverReachTheCache() throws {
    var faults = FakeHub.Faults()
    faults.changes = true
    let hub = try FakeHub(["org/vit": Self.files], faults: faults)
    let settings = hub.settings(folder)
    let sum = FakeHub.sha256(Self.weights)
    #expect(
      message { try Hub(settings).model(repository("org/vit")) }
        == "org/vit/model.safetensors: what came is not what the Hub said: its SHA-256 is not \(sum); try again, or another mirror "
        + "than \(hub.front.address)")
    #expect(!folder.exists("\(cache)/blobs/\(sum)"))
    #expect(!folder.exists("\(cache)/refs/main"))
  }

  @Test func aBusyHubIsWaitedForAsItAsks() throws {
    var faults = FakeHub.Faults()
    faults.busy = [(429, "0"), (503, "0"), (429, "0"), (429, "0"), (503, "0"), (429, "0"), (500, "")]
    let hub = try FakeHub(["org/vit": Self.files], faults: faults)
    #expect(try Hub(hub.settings(folder)).model(repository("org/vit")).files.count == 3)
    #expect(hub.front.requests.prefix(8).allSatisfy { $0.path == "/org/vit/resolve/main/config.json" })
  }

  @Test func aWaitThatIsTooLongIsNotWaited() throws {
    var faults = FakeHub.Faults()
    faults.busy = [(429, "4000")]
    let hub = try FakeHub(["org/vit": Self.files], faults: faults)
    #expect(
      message { try Hub(hub.settings(folder)).model(repository("org/vit")) }
        == "the Hub at HF_ENDPOINT=\(hub.front.address) answers 429 (too many requests) and asks to wait 4000 s, longer than is "
        + "waited here; start the same command again then")
  }

  @Test func theTokenGoesToTheHubAlone() throws {
    let hub = try FakeHub(["private/vit": Self.files], token: "hf_secret")
    let found = try Hub(hub.settings(folder, token: "hf_secret")).model(repository("private/vit"))
    #expect(found.files.count == 3)
    #expect(hub.front.requests.allSatisfy { $0.headers["authorization"] == "Bearer hf_secret" })
    #expect(hub.storage.requests.count == 1)
    #expect(hub.storage.requests.allSatisfy { $0.headers["authorization"] == nil })
  }

  /// Through another host and back: the token stays behind, for that host chose where the request goes.
  @Test func theTokenDoesNotComeBackFromAnotherHost() throws {
    let seen = Mutex<[String?]>([])
    let back = Mutex("")
    let first = try LoopbackServer { request in
      seen.withLock { $0.append(request.headers["authorization"]) }
      if request.method == "HEAD" {
        return .init(200, [("X-Repo-Commit", FakeHub.commit), ("ETag", "\"abc\""), ("Content-Length", "5")])
      }
      return request.path.hasPrefix("/taken")
        ? .init(200, body: [1, 2, 3, 4, 5])
        : .init(302, [("Location", back.withLock { $0 })])
    }
    let second = try LoopbackServer { request in
      seen.withLock { $0.append(request.headers["authorization"]) }
      return .init(302, [("Location", "http://127.0.0.1:\(first.port)/taken")])
    }
    back.withLock { $0 = "http://127.0.0.1:\(second.port)/there" }
    var settings = HubSettings(["HOME": folder.path, "HF_ENDPOINT": first.address, "HF_TOKEN": "hf_secret"])
    settings.firstPause = 0.01
    _ = try? Hub(settings).model(repository("org/vit"))
    // HEAD and GET of config.json, the other host, and the endpoint again.
    #expect(
      seen.withLock { Array($0.prefix(5)) } == ["Bearer hf_secret", "Bearer hf_secret", nil, nil, "Bearer hf_secret"])
  }

  @Test func aRenamedModelIsFollowed() throws {
    let hub = try FakeHub(["org/vit": Self.files, "renamed/vit": [:]])
    #expect(try Hub(hub.settings(folder)).model(repository("renamed/vit")).commit == FakeHub.commit)
  }

  @Test func shardsAreThoseOfTheIndex() throws {
    let index = Array(
      "{\"weight_map\": {\"a\": \"model-00001-of-00002.safetensors\", \"b\": \"model-00002-of-00002.safetensors\"}}"
        .utf8)
    let hub = try FakeHub([
      "org/vit": [
        "config.json": Self.configuration, "model.safetensors.index.json": index, "other.safetensors": [9],
        "model-00001-of-00002.safetensors": [1], "model-00002-of-00002.safetensors": [2],
      ]
    ])
    #expect(
      try Hub(hub.settings(folder)).model(repository("org/vit")).files.map(\.path) == [
        "config.json", "model.safetensors.index.json", "model-00001-of-00002.safetensors",
        "model-00002-of-00002.safetensors",
      ])
  }

  @Test func anIndexThatLeadsOutOfTheFolderIsRefused() throws {
    let index = Array("{\"weight_map\": {\"a\": \"../../x.safetensors\"}}".utf8)
    let hub = try FakeHub(["org/vit": ["config.json": Self.configuration, "model.safetensors.index.json": index]])
    let text = try #require(message { try Hub(hub.settings(folder)).model(repository("org/vit")) })
    #expect(text.hasSuffix("the shard '../../x.safetensors' is not a safetensors file of the same folder"))
  }

  @Test func aDataSetComesWithTheFilesThatAreAskedFor() throws {
    let hub = try FakeHub([
      "datasets/org/pictures": ["train/a.png": [1], "train/deep/b.png": [2], "test/c.png": [3], "README.md": [4]]
    ])
    let settings = hub.settings(folder)
    let some = try Hub(settings).dataset(repository("org/pictures", .dataset), only: ["train/*"])
    #expect(some.files.map(\.path) == ["train/a.png", "train/deep/b.png"])
    #expect(some.folder == folder.path(".cache/huggingface/hub/datasets--org--pictures/snapshots/\(FakeHub.commit)"))
    let deep = try FileManager.default.destinationOfSymbolicLink(atPath: some.folder + "/train/deep/b.png")
    #expect(deep == "../../../../blobs/\(FakeHub.gitBlob([2]))")
    #expect(try Data(contentsOf: URL(fileURLWithPath: some.folder + "/train/deep/b.png")) == Data([2]))
    // The list says what HEAD would.
    #expect(!hub.front.requests.contains { $0.method == "HEAD" })
    #expect(hub.front.requests.contains { $0.path.hasSuffix("?cursor=next") })
    #expect(try Hub(settings).dataset(repository("org/pictures", .dataset)).files.count == 4)
    #expect(
      message { try Hub(settings).dataset(repository("org/pictures", .dataset), only: ["*.jpg"]) }
        == "org/pictures: none of its 4 files match *.jpg; there is, for example, README.md")
  }
}
