import Hub
import TestSupport

extension FakeHub {
  /// Settings with a cache in a folder, as quick as tests want them.
  func settings(_ folder: TemporaryFolder, token: String? = nil) -> HubSettings {
    var environment = ["HOME": folder.path, "HF_ENDPOINT": front.address]
    environment["HF_TOKEN"] = token
    var settings = HubSettings(environment)
    settings.answerSeconds = 2
    settings.silenceSeconds = 2
    settings.firstPause = 0.01
    settings.lockSeconds = 0.5
    return settings
  }
}
