import Foundation

/// Requests to the Hub: with the token where it may be seen, through redirects, again where the Hub is busy or the line breaks.
final class HubConnection {
  let settings: HubSettings
  let reporter: HubReporter
  private let client: HTTPClient
  private let endpoint: URL

  /// - Throws: ``HubError`` where the network is forbidden or `HF_ENDPOINT` is no address.
  init(_ settings: HubSettings, _ reporter: HubReporter) throws {
    if let offline = settings.offline { throw HubError(.offline, "\(offline) forbids the network") }
    guard let url = URL(string: settings.endpoint), ["http", "https"].contains(url.scheme), url.host != nil else {
      throw HubError(
        .unusable, "HF_ENDPOINT is '\(settings.endpoint)'; give an address such as \(HubSettings.hub), or leave it out")
    }
    endpoint = url
    self.settings = settings
    self.reporter = reporter
    client = try HTTPClient(settings, isCancelled: reporter.isCancelled)
  }

  /// An address below the endpoint.
  ///
  /// - Parameters:
  ///   - path: names between slashes, as they are: what an address cannot hold is escaped here.
  ///   - query: as it stands behind the question mark.
  func address(_ path: [String], query: String? = nil) throws -> URL {
    let names = path.compactMap { $0.addingPercentEncoding(withAllowedCharacters: HubConnection.plain) }
    let text = settings.endpoint + "/" + names.joined(separator: "/") + (query.map { "?\($0)" } ?? "")
    guard names.count == path.count, let url = URL(string: text) else {
      throw HubError(.unusable, "\(text) is no address; correct the name")
    }
    return url
  }

  private static let plain = CharacterSet(
    charactersIn: "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~/")

  /// Asks for the head of a file, following redirects within the Hub but not to where its bytes are.
  ///
  /// - Parameter isOptional: a single try, for what is not worth a wait.
  func head(_ url: URL, isOptional: Bool = false) throws -> HTTPResponse {
    let request = HTTPRequest(method: .head, url: url, seconds: settings.answerSeconds)
    return isOptional ? try once(request) : try patiently { try self.chain(request) }
  }

  /// - Throws: ``HubError`` where there is no answer.
  private func once(_ request: HTTPRequest) throws -> HTTPResponse {
    do { return try chain(request) } catch HTTPClient.TransferError.cancelled {
      throw HubConnection.interrupted
    } catch let
      HTTPClient.TransferError.network(code, text)
    { throw unreachable("cannot be reached (\(text))", code) }
  }

  /// The body of an answer, in memory, with its head.
  ///
  /// - Parameter isOptional: a single try, for what is not worth a wait.
  func get(_ url: URL, isOptional: Bool = false) throws -> HTTPResponse {
    let request = HTTPRequest(url: url, seconds: settings.answerSeconds * (isOptional ? 1 : 6))
    return isOptional ? try once(request) : try patiently { try self.chain(request) }
  }

  /// Receives a file from the byte on that it has reached; where the line breaks, from there again.
  func receive(_ url: URL, into file: BlobFile) throws -> HTTPResponse {
    var known = file.position
    return try patiently(progressed: {
      defer { known = file.position }
      return file.position > known
    }) {
      var request = HTTPRequest(url: url)
      if file.position > 0 { request.headers.append(("Range", "bytes=\(file.position)-")) }
      file.begin()
      return try self.chain(request, receive: file.take)
    }
  }

  // MARK: Redirects and the token

  /// Sends a request on through redirects. The token goes to the endpoint alone: not to another host, port or scheme, and not back from
  /// there.
  private func chain(_ first: HTTPRequest, receive: HTTPClient.Receiver? = nil) throws -> HTTPResponse {
    var request = first
    var isTrusted = isEndpoint(first.url)
    for _ in 0..<10 {
      request.headers = first.headers
      if isTrusted, let token = settings.token { request.headers.append(("Authorization", "Bearer \(token.text)")) }
      let response = try client.perform(request, receive: receive)
      guard response.isRedirect, let location = response["location"] else { return response }
      guard let next = URL(string: location, relativeTo: request.url)?.absoluteURL, let host = next.host else {
        throw HubError(.unreachable, "\(place) sends on to '\(location)', which is no address; try again later")
      }
      if endpoint.scheme == "https", next.scheme != "https" {
        throw HubError(
          .unreachable,
          "\(place) sends on to \(next.scheme ?? "?")://\(host), which is not encrypted; this is not followed")
      }
      // The head of a large file says all that is wanted, and its bytes lie elsewhere.
      let isElsewhere = !isEndpoint(next)
      if first.method == .head, response["x-linked-etag"] != nil || (isElsewhere && response["x-repo-commit"] != nil),
        URL(string: location)?.host != nil
      {
        return response
      }
      if isElsewhere { isTrusted = false }
      request.url = next
    }
    throw HubError(.unreachable, "\(place) sends from one address to the next without an end; try again later")
  }

  /// Whether an address is of the endpoint's scheme, host and port.
  private func isEndpoint(_ url: URL) -> Bool {
    func port(_ url: URL) -> Int { url.port ?? (url.scheme == "https" ? 443 : 80) }
    return url.scheme == endpoint.scheme && url.host?.lowercased() == endpoint.host?.lowercased()
      && port(url) == port(endpoint)
  }

  /// The endpoint as messages name it.
  var place: String {
    settings.endpoint == HubSettings.hub
      ? "the Hub (\(settings.endpoint))" : "the Hub at HF_ENDPOINT=\(settings.endpoint)"
  }

  // MARK: Trying again

  /// Tries until there is an answer that a further try would not change.
  ///
  /// - Parameter progressed: whether more of a file is there than at the last try: then the count begins anew.
  private func patiently(
    progressed: () throws -> Bool = { false }, _ attempt: () throws -> HTTPResponse
  ) throws -> HTTPResponse {
    var failures = 0
    var waited = 0.0
    var problem = ""
    while true {
      if reporter.isCancelled() { throw HubConnection.interrupted }
      var wait = settings.firstPause * Double(1 << min(failures, 6))
      do {
        let response = try attempt()
        guard [429, 500, 502, 503, 504].contains(response.status) else { return response }
        problem = "answers \(response.status)\(HubRefusal.meaning(response.status))"
        if let asked = HubConnection.wait(asked: response) {
          guard waited + asked <= settings.longestWait else {
            throw HubError(
              .unreachable,
              "\(place) \(problem) and asks to wait \(Int(asked.rounded(.up))) s, longer than is waited here; start the same "
                + "command again then")
          }
          // Whoever says when to come again is not broken.
          if response.status == 429 || response.status == 503 { failures -= 1 }
          wait = max(asked, 0.05)
        }
      } catch HTTPClient.TransferError.cancelled {
        throw HubConnection.interrupted
      } catch let error as HTTPClient.TransferError {
        guard case .network(let code, let text) = error else { throw error }
        problem = "cannot be reached (\(text))"
        guard error.isWorthAnother else { throw unreachable(problem, code) }
      }
      failures = try progressed() ? 1 : failures + 1
      guard failures < settings.attempts else { throw unreachable(problem, nil) }
      if waited + wait > settings.longestWait {
        throw HubError(.unreachable, "\(place) \(problem) for \(Int(waited)) s; start the same command again later")
      }
      if wait >= 5 { reporter.note("\(place) \(problem); waiting \(Int(wait.rounded())) s") }
      try pause(wait)
      waited += wait
    }
  }

  private func unreachable(_ problem: String, _ code: UInt32?) -> HubError {
    let isCertificate = code == 60 || code == 77
    return HubError(
      .unreachable,
      "\(place) \(problem); "
        + (isCertificate
          ? "name the file of your network's certificates with SSL_CERT_FILE"
          : "check the network and its proxy (https_proxy), or name a mirror with HF_ENDPOINT"))
  }

  static let interrupted = HubError(.interrupted, "interrupted; the same command goes on where it stopped")

  /// Sleeps in short pieces, so that an interruption is heard.
  private func pause(_ seconds: Double) throws {
    let end = Date().addingTimeInterval(seconds)
    while end.timeIntervalSinceNow > 0 {
      if reporter.isCancelled() { throw HubConnection.interrupted }
      usleep(UInt32(max(1000, min(0.1, end.timeIntervalSinceNow) * 1e6)))
    }
  }

  /// Seconds that an answer asks to wait: `Retry-After` in seconds or as a date, else the `t=` of the Hub's `RateLimit`.
  static func wait(asked response: HTTPResponse, now: Date = Date()) -> Double? {
    if let text = response["retry-after"] {
      if let seconds = Double(text) { return seconds.isFinite ? max(0, seconds) : nil }
      let format = DateFormatter()
      format.locale = Locale(identifier: "en_US_POSIX")
      format.timeZone = TimeZone(secondsFromGMT: 0)
      format.dateFormat = "EEE, dd MMM yyyy HH:mm:ss zzz"
      if let date = format.date(from: text) { return max(0, date.timeIntervalSince(now)) }
    }
    guard response.status == 429, let match = response["ratelimit"]?.firstMatch(of: /;\s*t=(\d+)/) else { return nil }
    return Double(match.1)
  }
}
