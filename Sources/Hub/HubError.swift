import Formats

/// Why something of the Hub could not be had: one sentence that says what, where and how to repair it.
public struct HubError: ExitStatusError, Equatable {
  /// What kind of refusal it is, for programs.
  public enum Kind: Sendable, Equatable {
    /// A name or a file that is not there.
    case notFound
    /// A token is missing, is not valid, or has no access.
    case noAccess
    /// Nothing was fetched and the cache does not hold it.
    case offline
    /// The Hub cannot be reached, is too slow, or answers with an error.
    case unreachable
    /// What came is not what the Hub said.
    case damaged
    /// What is there is not read, or the request makes no sense.
    case unusable
    /// The user asked to stop.
    case interrupted
  }

  public let kind: Kind
  public let description: String

  public init(_ kind: Kind, _ description: String) {
    self.kind = kind
    self.description = description
  }

  /// 2 where the user can repair it, 1 where the network or the Hub failed, 130 for an interruption.
  public var exitStatus: Int32 {
    switch kind {
    case .notFound, .noAccess, .offline, .unusable: 2
    case .unreachable, .damaged: 1
    case .interrupted: 130
    }
  }
}
