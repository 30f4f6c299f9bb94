import Foundation
import Hub
import TestSupport
import Testing

@Suite struct HubRepositoryTests {
  @Test func namesAreThoseOfTheHub() throws {
    let plain = try #require(HubRepository("facebook/detr-resnet-50"))
    #expect(plain.name == "facebook/detr-resnet-50")
    #expect(plain.revision == "main")
    #expect("\(plain)" == "facebook/detr-resnet-50")
    let tagged = try #require(HubRepository("timm/vit_base_patch16_224.augreg_in21k@refs/pr/3"))
    #expect(tagged.name == "timm/vit_base_patch16_224.augreg_in21k")
    #expect(tagged.revision == "refs/pr/3")
    #expect("\(tagged)" == "timm/vit_base_patch16_224.augreg_in21k@refs/pr/3")
    for text in [
      "", "vit", "/a/b", "a/b/", "a//b", "../b", "a/..", "./b", "a/b/c", "a/b.git", "a--b/c", "a/b@", "a/b@../c",
      "a b/c", "~/b",
      "a/b@x y", "a/" + String(repeating: "n", count: 97),
    ] { #expect(HubRepository(text) == nil, "\(text)") }
  }

  @Test func whatLiesAtAPathIsNoName() throws {
    let folder = try TemporaryFolder()
    try folder.makeFolder("vit/base")
    #expect(HubRepository.model(given: folder.path("vit/base")) == nil)
    #expect(HubRepository.model(given: "weights/model.safetensors") == nil)
    #expect(HubRepository.model(given: "nobody-has/this-folder")?.name == "nobody-has/this-folder")
  }

  @Test func theEnvironmentSaysWhereEverythingIs() throws {
    let folder = try TemporaryFolder()
    try folder.write("hf_file\n", to: ".cache/huggingface/token")
    try folder.write("hf_other", to: "secret")
    func settings(_ environment: [String: String]) -> HubSettings {
      HubSettings(environment.merging(["HOME": folder.path]) { first, _ in first })
    }
    let plain = settings([:])
    #expect(plain.endpoint == "https://huggingface.co")
    #expect(plain.cache == folder.path(".cache/huggingface/hub"))
    #expect(plain.token?.text == "hf_file")
    #expect(plain.offline == nil)
    #expect(settings(["XDG_CACHE_HOME": "/x"]).cache == "/x/huggingface/hub")
    #expect(settings(["XDG_CACHE_HOME": "/x", "HF_HOME": "$HOME/h"]).cache == folder.path("h/hub"))
    #expect(settings(["HF_HOME": "/h", "HF_HUB_CACHE": "~/c"]).cache == folder.path("c"))
    #expect(settings(["HF_TOKEN": " hf_own\n"]).token?.text == "hf_own")
    #expect(settings(["HF_TOKEN_PATH": folder.path("secret")]).token?.text == "hf_other")
    // What could end a header is no token.
    #expect(settings(["HF_TOKEN": "a\r\nHost: b", "HF_HOME": "/none"]).token == nil)
    #expect(settings(["HF_ENDPOINT": "https://mirror.example/"]).endpoint == "https://mirror.example")
    #expect(settings(["HF_HUB_OFFLINE": "1"]).offline == "HF_HUB_OFFLINE=1")
    #expect(settings(["TRANSFORMERS_OFFLINE": "yes"]).offline == "TRANSFORMERS_OFFLINE=yes")
    #expect(settings(["HF_HUB_OFFLINE": "0"]).offline == nil)
  }
}
