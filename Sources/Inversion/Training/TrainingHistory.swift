import Foundation

/// `history.csv`: a row for each finished epoch, module and split.
struct TrainingHistory {
  static let header = "epoch,step,module,split,loss,seconds\n"
  private(set) var text: String

  /// Takes up the rows that belong to finished epochs; those of an epoch that will be repeated are left behind.
  ///
  /// - Throws: ``InversionError`` where the file was changed by another hand.
  init(continuing url: URL, bytes: Int) throws {
    guard bytes > 0 else {
      text = TrainingHistory.header
      return
    }
    guard let data = try? Data(contentsOf: url), data.count >= bytes,
      data.starts(with: Data(TrainingHistory.header.utf8))
    else {
      throw InversionError(
        .badInput, "\(url.path): shorter than the training that is to go on, or changed; restore it, or begin anew")
    }
    text = String(decoding: data.prefix(bytes), as: UTF8.self)
  }

  mutating func append(epoch: Int, step: Int, module: String, split: String, loss: Double, seconds: Double) {
    text += "\(epoch),\(step),\(module),\(split),\(loss),\((seconds * 1000).rounded() / 1000)\n"
  }

  func write(to url: URL) throws {
    do {
      try Data(text.utf8).write(to: url, options: .atomic)
    } catch {
      throw InversionError(
        .failed, "\(url.path): cannot be written (\(error.localizedDescription)); check space and permissions")
    }
  }
}
