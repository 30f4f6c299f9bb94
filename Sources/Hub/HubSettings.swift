import Formats
import Foundation

/// Where the Hub is, where its cache is and who asks: what `huggingface_hub` takes from the environment.
public struct HubSettings: Sendable {
  /// A token and where it comes from, for messages.
  public struct Token: Sendable, Equatable {
    public let text: String
    public let source: String
  }

  /// The Hub or a mirror, without a slash at the end.
  public var endpoint: String
  /// The folder with `models--ORG--NAME`.
  public var cache: String
  public var token: Token?
  /// The file that holds a token where `HF_TOKEN` is not set, for messages.
  public var tokenFile: String
  /// The variable that forbids the network and its value, such as `HF_HUB_OFFLINE=1`; nil where the network may be used.
  public var offline: String?
  /// A file with certificates in place of the system's.
  public var certificates: String?
  /// Seconds for a connection, and for an answer without a body.
  public var answerSeconds = 10
  /// Seconds without a byte after which a transfer counts as broken.
  public var silenceSeconds = 10
  /// The longest wait that the Hub may ask for, all waits of one request together, in seconds.
  public var longestWait = 300.0
  /// How often a request is tried that brings nothing.
  public var attempts = 5
  /// Seconds before the second try; each further wait is twice as long.
  public var firstPause = 1.0
  /// Seconds for which another process may hold a file without its growing.
  public var lockSeconds = 120.0

  /// The Hub itself.
  public static let hub = "https://huggingface.co"

  /// As the environment says; a home that is not set is the working folder.
  public static var environment: HubSettings { HubSettings(ProcessInfo.processInfo.environment) }

  public init(_ environment: [String: String]) {
    func value(_ names: String...) -> String? {
      names.lazy.compactMap { environment[$0] }.first { !$0.isEmpty }
    }
    func path(_ text: String) -> String {
      FilePath.expandingHome(HubSettings.expanding(text, environment), home: environment["HOME"])
    }
    let home = path(value("HF_HOME") ?? (value("XDG_CACHE_HOME") ?? "~/.cache") + "/huggingface")
    var endpoint = value("HF_ENDPOINT") ?? HubSettings.hub
    while endpoint.hasSuffix("/") { endpoint.removeLast() }
    self.endpoint = endpoint
    cache = value("HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE").map(path) ?? home + "/hub"
    tokenFile = value("HF_TOKEN_PATH").map(path) ?? home + "/token"
    offline =
      ["HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE"].compactMap { name in
        value(name).flatMap { HubSettings.isTrue($0) ? "\(name)=\($0)" : nil }
      }.first
    certificates = value("CURL_CA_BUNDLE", "SSL_CERT_FILE", "REQUESTS_CA_BUNDLE").map(path)
    if let seconds = value("HF_HUB_ETAG_TIMEOUT").flatMap(Int.init), seconds > 0 { answerSeconds = min(seconds, 3600) }
    if let seconds = value("HF_HUB_DOWNLOAD_TIMEOUT").flatMap(Int.init), seconds > 0 {
      silenceSeconds = min(seconds, 3600)
    }
    guard !HubSettings.isTrue(value("HF_HUB_DISABLE_IMPLICIT_TOKEN") ?? "") else { return }
    if let text = value("HF_TOKEN", "HUGGING_FACE_HUB_TOKEN").flatMap(HubSettings.word) {
      token = Token(text: text, source: "HF_TOKEN")
    } else if let data = try? SmallFile.data(tokenFile, largest: 1 << 16),
      let text = HubSettings.word(String(decoding: data, as: UTF8.self))
    {
      token = Token(text: text, source: tokenFile)
    }
  }

  /// As huggingface_hub reads switches.
  static func isTrue(_ text: String) -> Bool { ["1", "on", "yes", "true"].contains(text.lowercased()) }

  /// A token without the line ends that files and shells leave; nil where nothing is left or where it cannot stand in a header.
  private static func word(_ text: String) -> String? {
    let text = text.trimmingCharacters(in: .whitespacesAndNewlines)
    return text.isEmpty || !text.utf8.allSatisfy { (0x21...0x7E).contains($0) } ? nil : text
  }

  /// `$NAME` and `${NAME}` as Python's `expandvars` replaces them; names that are not set stay.
  private static func expanding(_ text: String, _ environment: [String: String]) -> String {
    text.replacing(/\$(\w+|\{[^}]*\})/) { match in
      let name = match.1.trimmingCharacters(in: CharacterSet(charactersIn: "{}"))
      return environment[name] ?? String(match.0)
    }
  }
}
