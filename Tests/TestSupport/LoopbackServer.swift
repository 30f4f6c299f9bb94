import Foundation
import Synchronization

/// An HTTP server on loopback that answers as a test says, and remembers what it was asked. One connection, one request.
public final class LoopbackServer: Sendable {
  /// What was asked.
  public struct Request: Sendable {
    public let method: String
    /// With the query.
    public let path: String
    /// By names in lower case.
    public let headers: [String: String]
  }

  /// What is answered.
  public struct Answer: Sendable {
    public var status: Int
    public var headers: [(String, String)]
    public var body: [UInt8]
    /// Where the connection breaks off in the body; nil sends all of it.
    public var cut: Int?
    /// Whether nothing is answered: the connection stays open, and the client waits.
    public var isSilent = false

    public init(_ status: Int, _ headers: [(String, String)] = [], body: [UInt8] = [], cut: Int? = nil) {
      self.status = status
      self.headers = headers
      self.body = body
      self.cut = cut
    }
  }

  public struct Failure: Error {}

  public let port: Int
  private let descriptor: Int32
  private let asked = Mutex<[Request]>([])
  private let silent = Mutex<[Int32]>([])
  private let answer: @Sendable (Request) -> Answer

  /// - Parameter answer: is called for each request, from threads of the server.
  public init(_ answer: @escaping @Sendable (Request) -> Answer) throws {
    self.answer = answer
    #if canImport(Glibc)
      descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    #else
      descriptor = socket(AF_INET, SOCK_STREAM, 0)
    #endif
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let listener = descriptor
    let bound = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
        bind(listener, generic, length) == 0 && listen(listener, 64) == 0
          && getsockname(listener, generic, &length) == 0
      }
    }
    guard listener >= 0, bound else { throw Failure() }
    port = Int(UInt16(bigEndian: address.sin_port))
    Thread.detachNewThread { [descriptor, weak self] in
      while true {
        let connection = accept(descriptor, nil, nil)
        guard connection >= 0 else { return }
        guard let self else {
          close(connection)
          return
        }
        Thread.detachNewThread { self.serve(connection) }
      }
    }
  }

  deinit {
    shutdown(descriptor, Int32(2))
    close(descriptor)
    silent.withLock { for connection in $0 { close(connection) } }
  }

  public var address: String { "http://127.0.0.1:\(port)" }

  /// What was asked so far, in order.
  public var requests: [Request] { asked.withLock { $0 } }

  private func serve(_ connection: Int32) {
    var head: [UInt8] = []
    var byte: UInt8 = 0
    while !head.suffix(4).elementsEqual("\r\n\r\n".utf8), head.count < 1 << 16 {
      guard recv(connection, &byte, 1, 0) == 1 else {
        close(connection)
        return
      }
      head.append(byte)
    }
    let lines = String(decoding: head, as: UTF8.self).components(separatedBy: "\r\n")
    let words = lines[0].split(separator: " ").map(String.init)
    var headers: [String: String] = [:]
    for line in lines.dropFirst() {
      guard let colon = line.firstIndex(of: ":") else { continue }
      headers[line[..<colon].lowercased()] = line[line.index(after: colon)...].trimmingCharacters(in: .whitespaces)
    }
    guard words.count > 1 else {
      close(connection)
      return
    }
    let request = Request(method: words[0], path: words[1], headers: headers)
    asked.withLock { $0.append(request) }
    let answer = answer(request)
    if answer.isSilent {
      silent.withLock { $0.append(connection) }
      return
    }
    var text = "HTTP/1.1 \(answer.status) Said\r\nConnection: close\r\n"
    let hasLength = answer.headers.contains { $0.0.lowercased() == "content-length" }
    for (name, value) in answer.headers + (hasLength ? [] : [("Content-Length", "\(answer.body.count)")]) {
      text += "\(name): \(value)\r\n"
    }
    var bytes = Array((text + "\r\n").utf8)
    if request.method != "HEAD" { bytes += answer.body.prefix(answer.cut ?? answer.body.count) }
    var sent = 0
    while sent < bytes.count {
      let count = bytes[sent...].withUnsafeBytes {
        send(connection, $0.baseAddress, $0.count, 0x4000)
      }
      guard count > 0 else { break }
      sent += count
    }
    shutdown(connection, Int32(1))
    // What the client still sends would reset the connection under the answer.
    while recv(connection, &byte, 1, 0) > 0 {}
    close(connection)
  }
}
