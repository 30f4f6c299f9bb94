import Activations
import Formats
import Imaging
import Synchronization

/// The files of images, known by what they hold.
struct ImageContents: Sendable {
  /// The folder, or whatever they are called by in messages.
  let place: String
  let entries: [ImageFolder.Entry]
  let threads: Int

  /// Rows that are compared at most where a comparison has to decode images.
  static let mostDecoded = 256

  /// What each file is known by, in the order of the images; nil where it cannot be read.
  ///
  /// - Throws: ``Interrupted`` where the reporter says so.
  func all(_ reporter: JobReporter) throws -> [ContentIdentity?] {
    try contents(of: Array(entries.indices), reporter)
  }

  private func contents(of rows: [Int], _ reporter: JobReporter) throws -> [ContentIdentity?] {
    let found = Mutex([ContentIdentity?](repeating: nil, count: rows.count))
    try inParallel(rows.count, threads: threads) { index in
      if reporter.isCancelled() { throw Interrupted() }
      let content = try? entries[rows[index]].content()
      found.withLock { $0[index] = content }
    }
    return found.withLock { $0 }
  }

  /// Compares the files with what a store knows of its finished rows.
  ///
  /// - Parameters:
  ///   - known: what the file of each row was; nil where that is not known.
  ///   - repair: the end of the sentence that refuses.
  ///   - exceptDamaged: whether files that cannot be decoded may be others; they are skipped and counted later.
  /// - Throws: ``BadInput`` that names the first image that is another.
  func require(
    _ known: [ContentIdentity?], of owner: String, repair: String, exceptDamaged: Bool = false, _ reporter: JobReporter
  ) throws {
    let rows = known.indices.filter { known[$0] != nil }
    let found = try contents(of: rows, reporter)
    let other = zip(rows, found).first { row, content in
      guard let content, content != known[row] else { return false }
      return !exceptDamaged || (try? PixelImage(contentsOf: entries[row].url)) != nil
    }
    if let other {
      throw ImageContents.refusal(place, owner, first: entries[other.0].relativePath, repair: repair)
    }
    let unreadable = found.count { $0 == nil }
    if unreadable > 0 {
      reporter.note(
        "\(StoreText.images(unreadable)) of \(place) cannot be read now: whether \(unreadable == 1 ? "it is that" : "they are those")"
          + " of \(owner) is not known")
    }
  }

  /// Why images are not taken.
  static func refusal(_ place: String, _ owner: String, first: String, repair: String) -> BadInput {
    BadInput("the images at \(place) are not those of \(owner) (first: \(first)); \(repair)")
  }

  /// At most ``mostDecoded`` of these rows, evenly spread.
  static func sample(_ rows: [Int]) -> [Int] {
    guard rows.count > mostDecoded else { return rows }
    return (0..<mostDecoded).map { rows[$0 * (rows.count - 1) / (mostDecoded - 1)] }
  }
}
