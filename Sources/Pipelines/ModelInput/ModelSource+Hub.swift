import Formats
import Foundation
import Hub

extension ModelSource {
  /// Where the model lies: the path that was given, or where it is a name of the Hub (``HubRepository/model(given:)``) the folder in the
  /// cache, into which it is fetched first.
  ///
  /// - Throws: `HubError`, ``Interrupted``.
  public func place(_ reporter: JobReporter = .silent) throws -> URL {
    guard let repository = HubRepository.model(given: path) else { return URL(fileURLWithPath: path) }
    do {
      return URL(fileURLWithPath: try Hub.fetching(reporter) { try $0.model(repository) }.folder)
    } catch let error as HubError where error.kind == .unreachable || error.kind == .offline {
      // It may have been meant as a path.
      throw HubError(error.kind, "\(error); nothing lies at the path \(path) either")
    }
  }
}

extension Hub {
  /// Does something with the Hub of the environment, reporting as a job does.
  ///
  /// - Throws: `HubError`, ``Interrupted``, and what `body` throws.
  static func fetching<Value>(_ reporter: JobReporter, _ body: (Hub) throws -> Value) throws -> Value {
    do {
      return try body(Hub(reporter: reporter.hub))
    } catch let error as HubError where error.kind == .interrupted {
      throw Interrupted()
    }
  }
}

extension JobReporter {
  /// As the Hub reports: files as mebibytes.
  fileprivate var hub: HubReporter {
    HubReporter(
      note: note,
      progress: { file, done, total, before in
        show(
          JobProgress("fetch \(file)", done >> 20, of: max(1, total >> 20), unit: "MiB", alreadyDone: before >> 20))
      }, isCancelled: isCancelled)
  }
}
