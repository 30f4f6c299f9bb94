import CQPDF
import Foundation

/// The objects of a PDF file, read by qpdf: cross-reference tables and streams, object streams, incremental updates,
/// encryption without a password, and the filters of streams.
final class PDFDocument {
  private struct Reference: Hashable {
    let number: Int
    let generation: Int
  }

  private var handle: qpdf_data?
  /// The bytes of the file, which qpdf reads from while it lives.
  private let memory: UnsafeMutableBufferPointer<CChar>
  private var objects: [Reference: PDFObject] = [:]
  /// The first page's dictionary, with what it takes over from the nodes above it.
  private(set) var firstPage: [String: PDFObject] = [:]
  private(set) var pageCount = 0
  /// What of the file could not be read, one sentence each.
  private(set) var gaps: [String] = []
  /// What qpdf found wrong in objects that it could read all the same.
  private var notes: [String] = []

  /// - Throws: `LintError` if it is not a PDF, needs a password, or has no page.
  init(_ bytes: [UInt8], file: String) throws(LintError) {
    memory = .allocate(capacity: bytes.count)
    handle = qpdf_init()
    for (index, byte) in bytes.enumerated() { memory[index] = CChar(bitPattern: byte) }
    guard bytes.starts(with: Array("%PDF-".utf8)) else {
      throw LintError("\(file) is not a PDF: it does not begin with %PDF-")
    }
    try open(file)
    pageCount = Int(qpdf_get_num_pages(handle))
    guard takeError() == nil, pageCount > 0 else { throw LintError("\(file) has no page that can be found") }
    _ = qpdf_push_inherited_attributes_to_page(handle)
    let page = qpdf_get_page_n(handle, 0)
    let reference = Reference(
      number: Int(qpdf_oh_get_object_id(handle, page)), generation: Int(qpdf_oh_get_generation(handle, page)))
    guard let dictionary = load(reference)?.dictionary else {
      throw LintError("\(file) has no page that can be found")
    }
    firstPage = dictionary
  }

  deinit {
    _ = takeError()
    qpdf_cleanup(&handle)
    memory.deallocate()
  }

  /// Opens the file: first by its cross-reference table, then, where that is damaged, by searching for objects.
  private func open(_ file: String) throws(LintError) {
    for recovers in [false, true] {
      qpdf_cleanup(&handle)
      handle = qpdf_init()
      qpdf_set_suppress_warnings(handle, 1)
      qpdf_silence_errors(handle)
      qpdf_set_attempt_recovery(handle, recovers ? 1 : 0)
      _ = qpdf_read_memory(handle, file, memory.baseAddress, UInt64(memory.count), nil)
      guard let problem = takeError() else {
        let warnings = takeWarnings()
        if recovers {
          gaps.append(
            "the table of the file's objects is damaged, so parts of the figure may be missing; save it again")
        } else {
          notes += warnings
        }
        return
      }
      if problem.code == qpdf_e_password || problem.code == qpdf_e_unsupported {
        throw LintError("\(file) is encrypted and cannot be checked; save it without a password")
      }
      if recovers { throw LintError("\(file) cannot be read as a PDF: \(problem.text)") }
    }
  }

  // MARK: Objects

  /// What a reference stands for.
  func resolve(_ object: PDFObject?) -> PDFObject? {
    var object = object
    for _ in 0..<16 {
      guard case .reference(let number, let generation)? = object else { return object }
      object = load(Reference(number: number, generation: generation))
    }
    return nil
  }

  /// The decoded bytes of a stream; nil where a filter is unknown, the data are damaged, or they decode to more than
  /// ``StreamExpansion/largest`` bytes.
  func data(of object: PDFObject?) -> [UInt8]? {
    guard case .stream(let dictionary, let number, let generation)? = resolve(object),
      let number = Int32(exactly: number), let generation = Int32(exactly: generation)
    else { return nil }
    let stream = qpdf_get_object_by_id(handle, number, generation)
    defer { qpdf_oh_release(handle, stream) }
    guard !isTooLarge(stream, filter: resolve(dictionary["Filter"])) else { return nil }
    var isDecoded: QPDF_BOOL = 0
    var buffer: UnsafeMutablePointer<UInt8>?
    var count = 0
    notes += takeWarnings()
    _ = qpdf_oh_get_stream_data(handle, stream, qpdf_dl_specialized, &isDecoded, &buffer, &count)
    defer { free(buffer) }
    // What could be decoded before the damage is given back without an error, but with a warning.
    guard takeError() == nil, takeWarnings().isEmpty, isDecoded != 0 else { return nil }
    return Array(UnsafeBufferPointer(start: buffer, count: buffer == nil ? 0 : count))
  }

  private func isTooLarge(_ stream: qpdf_oh, filter: PDFObject?) -> Bool {
    var buffer: UnsafeMutablePointer<UInt8>?
    var count = 0
    _ = qpdf_oh_get_stream_data(handle, stream, qpdf_dl_none, nil, &buffer, &count)
    defer { free(buffer) }
    // What is wrong with the data is said when they are decoded.
    _ = takeError()
    _ = takeWarnings()
    let filters = (filter?.array ?? [filter].compactMap { $0 }).compactMap { resolve($0)?.name }
    return StreamExpansion.isTooLarge(
      UnsafeBufferPointer(start: buffer, count: buffer == nil ? 0 : count), filters: filters)
  }

  /// The object as qpdf writes it, read again: its own values, and references to others.
  private func load(_ reference: Reference) -> PDFObject? {
    if let known = objects[reference] { return known }
    guard let number = Int32(exactly: reference.number), let generation = Int32(exactly: reference.generation) else {
      return nil
    }
    let object = qpdf_get_object_by_id(handle, number, generation)
    defer { qpdf_oh_release(handle, object) }
    // A stream is written as a reference to itself, so its dictionary is asked for.
    let isStream = qpdf_oh_is_stream(handle, object) != 0
    let source = isStream ? qpdf_oh_get_dict(handle, object) : object
    defer { if isStream { qpdf_oh_release(handle, source) } }
    guard let text = qpdf_oh_unparse_resolved(handle, source), takeError() == nil else { return nil }
    let count = qpdf_get_last_string_length(handle)
    let bytes = text.withMemoryRebound(to: UInt8.self, capacity: count) {
      Array(UnsafeBufferPointer(start: $0, count: count))
    }
    var lexer = PDFLexer(bytes[...])
    guard var value = lexer.next() else {
      gaps.append("object \(number) is nested too deeply and is not checked")
      return nil
    }
    if isStream, case .dictionary(let dictionary) = value {
      value = .stream(dictionary, number: reference.number, generation: reference.generation)
    }
    objects[reference] = value
    return value
  }

  // MARK: Problems

  /// What was wrong in objects that could be read all the same; nil for a sound file.
  func remark() -> String? {
    notes += takeWarnings()
    guard let first = notes.first else { return nil }
    return "qpdf says of the file: \(first)\(notes.count > 1 ? ", and \(notes.count - 1) more" : "")"
  }

  /// The error that the last call left; nil where it succeeded.
  private func takeError() -> (code: qpdf_error_code_e, text: String)? {
    guard qpdf_has_error(handle) != 0, let error = qpdf_get_error(handle) else { return nil }
    let code = qpdf_get_error_code(handle, error)
    return (code, qpdf_get_error_message_detail(handle, error).map { String(cString: $0) } ?? "unknown error")
  }

  private func takeWarnings() -> [String] {
    var texts: [String] = []
    while qpdf_more_warnings(handle) != 0, let warning = qpdf_next_warning(handle) {
      if let text = qpdf_get_error_message_detail(handle, warning) { texts.append(String(cString: text)) }
    }
    return texts
  }
}
