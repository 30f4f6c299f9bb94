import Formats

/// Why a report could not be made: one sentence for people.
public struct ReportError: ExitStatusError, Sendable, Equatable {
  public let description: String

  public init(_ description: String) {
    self.description = description
  }

  public var exitStatus: Int32 { 2 }
}
