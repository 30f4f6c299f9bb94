import Formats

/// What is wrong with an experiment, found before any work.
public struct ExperimentError: ExitStatusError, Equatable {
  /// One sentence each, in the order of the file.
  public let problems: [String]

  public init(_ problems: [String]) { self.problems = problems }

  public init(_ problem: String) { problems = [problem] }

  public var description: String { problems.joined(separator: "\n") }

  public var exitStatus: Int32 { 2 }
}

/// Gathers what is wrong with a file, so that all of it is reported at once.
final class ProblemList {
  let file: String
  private var found: [(line: Int, text: String)] = []

  init(file: String) { self.file = file }

  var count: Int { found.count }

  func add(line: Int, _ text: String) { found.append((line, "\(file), line \(line): \(text)")) }

  /// - Throws: ``ExperimentError`` with everything found so far, if anything was.
  func requireNone() throws {
    guard !found.isEmpty else { return }
    let order = found.indices.sorted { (found[$0].line, $0) < (found[$1].line, $1) }
    throw ExperimentError(order.map { found[$0].text })
  }
}
