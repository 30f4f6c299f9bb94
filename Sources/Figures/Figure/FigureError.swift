/// What went wrong while a figure was laid out or drawn: one sentence for people.
public struct FigureError: Error, CustomStringConvertible, Sendable, Equatable {
  public let description: String

  public init(_ description: String) {
    self.description = description
  }
}
