import Foundation
import Hub
import Synchronization
import TestSupport
import Testing

@Suite struct HubRefusalTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func refusal(_ hub: FakeHub, _ name: String, token: String? = nil) throws -> String? {
    let repository = try #require(HubRepository(name))
    return message { try Hub(hub.settings(folder, token: token)).model(repository) }
  }

  private var tokenFile: String { folder.path(".cache/huggingface/token") }

  @Test func aGatedModelSaysWhichPageAndWhichToken() throws {
    let hub = try FakeHub(["private/vit": HubFetchTests.files, "closed/vit": [:]], token: "hf_right")
    let page = "\(hub.front.address)/private/vit"
    let tokens = "\(hub.front.address)/settings/tokens"
    #expect(
      try refusal(hub, "private/vit")
        == "private/vit is gated: accept its conditions at \(page), then give a token of your account (\(tokens)): none is set, "
        + "neither HF_TOKEN nor in \(tokenFile)")
    #expect(
      try refusal(hub, "private/vit", token: "hf_wrong")
        == "private/vit is gated: accept its conditions at \(page); the token of HF_TOKEN is not accepted: make one that may read "
        + "gated models (\(tokens))")
    #expect(
      try refusal(hub, "closed/vit", token: "hf_right")
        == "closed/vit is gated: accept its conditions at \(hub.front.address)/closed/vit; the token of HF_TOKEN has no access yet: it "
        + "must be of the account that accepted them, and may read gated models (\(tokens))")
  }

  @Test func aNameThatIsNotThereSaysWhichIsNear() throws {
    let hub = try FakeHub(["org/vit-base": HubFetchTests.files])
    let place = "the Hub at HF_ENDPOINT=\(hub.front.address)"
    #expect(
      try refusal(hub, "org/vit-bse")
        == "\(place) has no model 'org/vit-bse' (did you mean 'org/vit-base'?), and no folder of that name is here; check the name, a "
        + "private one needs a token: none is set, neither HF_TOKEN nor in \(tokenFile)")
    #expect(
      try refusal(hub, "org/vit-base@v1.1")
        == "org/vit-base has no revision 'v1.1' (did you mean 'v1.0'?); its branches and tags are listed at "
        + "\(hub.front.address)/org/vit-base")
  }

  @Test func picklesAloneAreRefusedWithTheWayOut() throws {
    let hub = try FakeHub(["org/vit": ["config.json": HubFetchTests.configuration, "pytorch_model.bin": [1]]])
    let page = "\(hub.front.address)/org/vit"
    #expect(
      try refusal(hub, "org/vit")
        == "org/vit: its weights are only pytorch_model.bin, which is never opened, for it can run programs; look for a revision with "
        + "safetensors (\(page)/discussions, then org/vit@refs/pr/N), or load the model in Python and write it with save_pretrained, "
        + "and give that folder")
    #expect(!hub.front.requests.contains { $0.path.hasSuffix(".bin") })
  }

  @Test func offlineNothingIsAsked() throws {
    let hub = try FakeHub(["org/vit": HubFetchTests.files])
    let repository = try #require(HubRepository("org/vit"))
    var settings = hub.settings(folder)
    settings.offline = "HF_HUB_OFFLINE=1"
    let cache = folder.path(".cache/huggingface/hub")
    #expect(
      message { try Hub(settings).model(repository) }
        == "org/vit is not in the cache \(cache), and HF_HUB_OFFLINE=1 forbids the network; fetch it where there is a network: "
        + "palimpsest fetch org/vit")
    #expect(hub.front.requests.isEmpty)
    let fetched = try Hub(hub.settings(folder)).model(repository)
    let count = hub.front.requests.count
    #expect(try Hub(settings).model(repository).folder == fetched.folder)
    let near = try #require(HubRepository("org/vitt"))
    #expect(message { try Hub(settings).model(near) }?.contains("(did you mean 'org/vit'?)") == true)
    // A file is gone: what is there is no model.
    try FileManager.default.removeItem(atPath: fetched.folder + "/model.safetensors")
    #expect(
      message { try Hub(settings).model(repository) }
        == "org/vit is not whole in the cache: \(fetched.folder) lacks model.safetensors, and HF_HUB_OFFLINE=1 forbids the network; "
        + "fetch it where there is a network: palimpsest fetch org/vit")
    #expect(hub.front.requests.count == count)
  }

  @Test func aHubThatIsGoneLeavesWhatWasFetched() throws {
    let repository = try #require(HubRepository("org/vit"))
    var hub: FakeHub? = try FakeHub(["org/vit": HubFetchTests.files])
    var settings = try #require(hub?.settings(folder))
    let fetched = try #require(try hub.map { try Hub($0.settings(folder)).model(repository) })
    hub = nil
    // A port that nobody listens at.
    settings.endpoint = "http://127.0.0.1:1"
    let notes = Mutex<[String]>([])
    let reporter = HubReporter(note: { text in notes.withLock { $0.append(text) } })
    #expect(try Hub(settings, reporter: reporter).model(repository).folder == fetched.folder)
    #expect(notes.withLock { $0 }.count == 1)
    #expect(notes.withLock { $0 }.first?.hasSuffix("org/vit is taken from the cache as it was fetched last") == true)
    let error = #expect(throws: HubError.self) { try Hub(settings).model(repository, mayBeOld: false) }
    #expect(error?.kind == .unreachable)
    #expect(error?.exitStatus == 1)
  }

  @Test func aHubThatSaysNothingIsNotWaitedForWithoutEnd() throws {
    let server = try LoopbackServer { _ in
      var answer = LoopbackServer.Answer(200)
      answer.isSilent = true
      return answer
    }
    var settings = HubSettings(["HOME": folder.path, "HF_ENDPOINT": server.address])
    (settings.answerSeconds, settings.attempts) = (1, 1)
    let repository = try #require(HubRepository("org/vit"))
    #expect(
      message { try Hub(settings).model(repository) }
        == "the Hub at HF_ENDPOINT=\(server.address) cannot be reached (Timeout was reached); check the network and its proxy "
        + "(https_proxy), or name a mirror with HF_ENDPOINT")
  }

  @Test func anotherServerIsNotTakenForTheHub() throws {
    let server = try LoopbackServer { _ in .init(200, body: Array("<html>".utf8)) }
    let settings = HubSettings(["HOME": folder.path, "HF_ENDPOINT": server.address])
    let repository = try #require(HubRepository("org/vit"))
    #expect(
      message { try Hub(settings).model(repository) }
        == "the Hub at HF_ENDPOINT=\(server.address) does not answer as the Hub does (config.json of org/vit: no X-Repo-Commit or "
        + "ETag); give another mirror with HF_ENDPOINT, or leave it out")
  }

  @Test func aLockIsWaitedForWhileTheOtherWorks() throws {
    let hub = try FakeHub(["org/vit": HubFetchTests.files])
    let repository = try #require(HubRepository("org/vit"))
    let sum = FakeHub.sha256(HubFetchTests.weights)
    let lock = ".cache/huggingface/hub/.locks/models--org--vit/\(sum).lock"
    try folder.write([], to: lock)
    let descriptor = open(folder.path(lock), O_RDWR)
    #expect(flock(descriptor, LOCK_EX) == 0)
    #expect(
      message { try Hub(hub.settings(folder)).model(repository) }
        == "org/vit/model.safetensors: another process has held \(folder.path(lock)) for 0 s and fetched nothing; end it, or remove "
        + "that file")
    close(descriptor)
    #expect(try Hub(hub.settings(folder)).model(repository).files.count == 3)
  }

  @Test func anInterruptionIsHeard() throws {
    var faults = FakeHub.Faults()
    faults.busy = [(429, "200")]
    let hub = try FakeHub(["org/vit": HubFetchTests.files], faults: faults)
    let asked = Atomic<Int>(0)
    let reporter = HubReporter(isCancelled: { asked.add(1, ordering: .relaxed).newValue > 20 })
    let repository = try #require(HubRepository("org/vit"))
    let error = #expect(throws: HubError.self) { try Hub(hub.settings(folder), reporter: reporter).model(repository) }
    #expect(error?.exitStatus == 130)
  }

  @Test func namesOfFilesDoNotLeaveTheCache() throws {
    let hub = try FakeHub(["datasets/org/set": ["../../evil": [1], "fine": [2]]])
    let repository = try #require(HubRepository("org/set", kind: .dataset))
    #expect(try Hub(hub.settings(folder)).dataset(repository).files.map(\.path) == ["fine"])
  }
}
