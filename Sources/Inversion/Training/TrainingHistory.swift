import Formats
import Foundation
import Results

/// A table of a training that grows with its epochs: `history.csv`, `curves.csv`.
struct TrainingTable {
  private(set) var text: String
  private let url: URL

  /// Takes up the rows that belong to finished epochs; those of an epoch that will be repeated are left behind.
  ///
  /// - Throws: ``InversionError`` where the file was changed by another hand.
  init(_ url: URL, header: String, continuing bytes: Int) throws {
    self.url = url
    guard bytes > 0 else {
      text = header
      return
    }
    guard let data = try? Data(contentsOf: url), data.count >= bytes, data.starts(with: Data(header.utf8)) else {
      throw InversionError(
        .badInput, "\(url.path): shorter than the training that is to go on, or changed; restore it, or start again")
    }
    text = String(decoding: data.prefix(bytes), as: UTF8.self)
  }

  /// Bytes of what was written.
  var bytes: Int { text.utf8.count }

  mutating func append(_ row: String) { text += row }

  func write() throws { try InverseFolder.write(text, to: url) }
}

/// `history.csv`: a row for each finished epoch, module and split.
enum TrainingHistory {
  static let header = CommaSeparatedValues.line(TableDefinition.trainingHistory.header)

  static func row(epoch: Int, step: Int, module: String, split: String, loss: Double, seconds: Double) -> String {
    CommaSeparatedValues.line(of: [
      .integer(epoch), .integer(step), .text(module), .text(split), .real(loss),
      .real((seconds * 1000).rounded() / 1000),
    ])
  }
}

extension InverseFolder {
  /// Writes a whole table under a temporary name, then renames.
  ///
  /// - Throws: `FileWritingError`.
  static func write(_ text: String, to url: URL) throws {
    try AtomicFile.write(Data(text.utf8), to: url.path)
  }
}
