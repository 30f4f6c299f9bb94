import Formats

/// What is wrong with a feature store or could not be done with it, in one line for people.
public struct StoreError: ExitStatusError, Sendable, Equatable {
  /// What kind of trouble it is, for the exit status and for callers that can repair it.
  public enum Kind: Sendable, Equatable {
    /// The file is not what was expected, or not whole.
    case badStore
    /// The store at the path was made with other settings.
    case otherSettings
    /// The disk has not enough room.
    case diskFull
    /// Another process writes the store.
    case inUse
    /// Reading or writing failed.
    case inputOutput
    /// The caller asked for something that does not exist.
    case badRequest
  }

  public let kind: Kind
  public let description: String

  public init(_ kind: Kind, _ description: String) {
    self.kind = kind
    self.description = description
  }

  /// Bad input is the user's to correct, an input or output that failed is not.
  public var exitStatus: Int32 {
    switch kind {
    case .badStore, .otherSettings, .badRequest, .inUse, .diskFull: 2
    case .inputOutput: 1
    }
  }
}

/// A number of bytes for people, as in "3.2 GB".
public func describeBytes(_ bytes: Int) -> String {
  let units = ["bytes", "kB", "MB", "GB", "TB", "PB"]
  var value = Double(bytes)
  var unit = 0
  while value >= 999.95, unit < units.count - 1 {
    value /= 1000
    unit += 1
  }
  if unit == 0 { return "\(bytes) bytes" }
  let tenths = Int((value * 10).rounded())
  return "\(tenths / 10).\(tenths % 10) \(units[unit])"
}
