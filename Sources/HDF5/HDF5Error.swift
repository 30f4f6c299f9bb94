/// What libhdf5 could not do, in one line: which file, which object in it, which operation, and why.
public struct HDF5Error: Error, CustomStringConvertible, Sendable {
  /// Path of the file.
  public let file: String
  /// Path of the object inside the file; empty where the file as a whole is meant.
  public let object: String
  /// The operation in words, as in "open the dataset".
  public let operation: String
  /// The innermost reason libhdf5 (or the checks before it) gave.
  public let reason: String
  /// Whether the object is a link, and what it names is not there.
  public let isDanglingLink: Bool

  public init(
    file: String, object: String = "", operation: String, reason: String, isDanglingLink: Bool = false
  ) {
    self.file = file
    self.object = object
    self.operation = operation
    self.reason = reason
    self.isDanglingLink = isDanglingLink
  }

  public var description: String {
    object.isEmpty ? "\(file): cannot \(operation): \(reason)" : "\(file): \(object): cannot \(operation): \(reason)"
  }
}
