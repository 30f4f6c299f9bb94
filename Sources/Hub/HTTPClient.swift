import CCurl
import Foundation

/// A request without a body.
struct HTTPRequest {
  enum Method: String { case get = "GET", head = "HEAD" }

  var method = Method.get
  var url: URL
  /// Beside those of every request.
  var headers: [(name: String, value: String)] = []
  /// Seconds for the whole of it; nil where it may last as long as bytes come.
  var seconds: Int?
}

/// The head of an answer, and its body where nobody took that.
struct HTTPResponse {
  var status = 0
  /// By names in lower case; of a name that comes twice the last.
  var headers: [String: String] = [:]
  var body = Data()

  subscript(name: String) -> String? { headers[name].flatMap { $0.isEmpty ? nil : $0 } }

  /// Whether the answer sends elsewhere.
  var isRedirect: Bool { [301, 302, 303, 307, 308].contains(status) && self["location"] != nil }
}

/// HTTP by libcurl, one request after the other over connections that are kept. It follows no redirect: who holds the token decides.
///
/// Not Sendable: a handle of libcurl is used by one thread at a time.
final class HTTPClient {
  /// Takes pieces of a body, with the head of the answer; what it throws ends the transfer and is thrown on.
  typealias Receiver = (HTTPResponse, UnsafeRawBufferPointer) throws -> Void

  /// Most bytes of a body that nobody takes.
  private static let largestBody = 64 << 20

  private let handle: UnsafeMutableRawPointer
  private let settings: HubSettings
  private let isCancelled: () -> Bool

  /// libcurl's own beginnings, once in a process.
  private static let isReady = palimpsest_curl_global_init() == CURLE_OK

  /// - Throws: ``HubError`` where libcurl cannot begin.
  init(_ settings: HubSettings, isCancelled: @escaping () -> Bool) throws {
    guard HTTPClient.isReady, let handle = curl_easy_init() else {
      throw HubError(.unreachable, "libcurl cannot be started; there may be no memory left")
    }
    self.handle = handle
    self.settings = settings
    self.isCancelled = isCancelled
  }

  deinit { curl_easy_cleanup(handle) }

  /// What the callbacks of one transfer share.
  private final class Transfer {
    var response = HTTPResponse()
    var failure: (any Error)?
    let receive: Receiver?
    let isCancelled: () -> Bool

    init(_ receive: Receiver?, _ isCancelled: @escaping () -> Bool) {
      self.receive = receive
      self.isCancelled = isCancelled
    }

    /// Whether the bytes were taken.
    func take(_ bytes: UnsafeRawBufferPointer) -> Bool {
      guard let receive, response.status == 200 || response.status == 206 else {
        guard response.body.count + bytes.count <= HTTPClient.largestBody else { return false }
        response.body.append(contentsOf: bytes)
        return true
      }
      do {
        try receive(response, bytes)
        return true
      } catch {
        failure = error
        return false
      }
    }

    func take(line: String) {
      if line.hasPrefix("HTTP/") {
        response = HTTPResponse()
        let words = line.split(separator: " ")
        response.status = words.count > 1 ? Int(words[1]) ?? 0 : 0
      } else if let colon = line.firstIndex(of: ":") {
        response.headers[line[..<colon].lowercased()] =
          line[line.index(after: colon)...].trimmingCharacters(in: .whitespacesAndNewlines)
      }
    }

    static func of(_ context: UnsafeMutableRawPointer?) -> Transfer? {
      context.map { Unmanaged<Transfer>.fromOpaque($0).takeUnretainedValue() }
    }
  }

  /// Sends a request and waits for the answer.
  ///
  /// - Parameter receive: takes the body of an answer of 200 or 206; nil keeps it in memory.
  /// - Throws: ``TransferError``, and what `receive` throws.
  func perform(_ request: HTTPRequest, receive: Receiver? = nil) throws -> HTTPResponse {
    let transfer = Transfer(receive, isCancelled)
    let context = Unmanaged.passRetained(transfer)
    defer { context.release() }
    curl_easy_reset(handle)
    var list: UnsafeMutablePointer<curl_slist>?
    defer { curl_slist_free_all(list) }
    for header in request.headers + [("Accept-Encoding", "identity"), ("User-Agent", "palimpsest")] {
      list = curl_slist_append(list, "\(header.name): \(header.value)")
    }
    var codes = [
      palimpsest_curl_restrict(handle),
      palimpsest_curl_set_text(handle, CURLOPT_URL, request.url.absoluteString),
      palimpsest_curl_set_headers(handle, list),
      palimpsest_curl_set_number(handle, CURLOPT_NOBODY, request.method == .head ? 1 : 0),
      palimpsest_curl_set_number(handle, CURLOPT_CONNECTTIMEOUT, settings.answerSeconds),
      palimpsest_curl_set_number(handle, CURLOPT_LOW_SPEED_LIMIT, 16),
      palimpsest_curl_set_number(handle, CURLOPT_LOW_SPEED_TIME, settings.silenceSeconds),
      palimpsest_curl_set_number(handle, CURLOPT_TIMEOUT, request.seconds ?? 0),
    ]
    if let file = settings.certificates { codes.append(palimpsest_curl_set_text(handle, CURLOPT_CAINFO, file)) }
    codes.append(
      palimpsest_curl_set_callbacks(
        handle,
        { bytes, size, count, context in
          guard let transfer = Transfer.of(context) else { return 0 }
          return transfer.take(UnsafeRawBufferPointer(start: bytes, count: size * count)) ? size * count : 0
        },
        { bytes, size, count, context in
          let line = UnsafeRawBufferPointer(start: bytes, count: size * count)
          Transfer.of(context)?.take(line: String(decoding: line, as: UTF8.self))
          return size * count
        },
        { context, _, _, _, _ in Transfer.of(context)?.isCancelled() ?? false ? 1 : 0 }, context.toOpaque()))
    let code = codes.first { $0 != CURLE_OK } ?? curl_easy_perform(handle)
    if let failure = transfer.failure { throw failure }
    if isCancelled() { throw TransferError.cancelled }
    guard code == CURLE_OK else {
      throw TransferError.network(code: code.rawValue, text: String(cString: curl_easy_strerror(code)))
    }
    return transfer.response
  }
}

extension HTTPClient {
  /// Why a transfer did not come to its end; ``HubConnection`` makes a ``HubError`` of it.
  enum TransferError: Error {
    case cancelled
    /// libcurl's code and sentence.
    case network(code: UInt32, text: String)

    /// Whether a second try may succeed: not where certificates are refused or the address is none.
    var isWorthAnother: Bool {
      guard case .network(let code, _) = self else { return false }
      let final: [CURLcode] = [
        CURLE_UNSUPPORTED_PROTOCOL, CURLE_URL_MALFORMAT, CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CACERT_BADFILE,
        CURLE_SSL_CERTPROBLEM, CURLE_SSL_CIPHER, CURLE_COULDNT_RESOLVE_PROXY,
      ]
      return !final.contains { $0.rawValue == code }
    }
  }
}
