/// Why a report could not be made: one sentence for people.
public struct ReportError: Error, CustomStringConvertible, Sendable, Equatable {
  public let description: String

  public init(_ description: String) {
    self.description = description
  }
}
