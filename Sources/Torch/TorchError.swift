import CTorch

/// What libtorch refused, in one line: the operation, the operands' types and shapes, and libtorch's reason.
public struct TorchError: Error, CustomStringConvertible {
  /// The operation, for example `aten::matmul`.
  public let operation: String
  /// What it was given, for example `float32[2, 3], float32[4, 5]`; empty where nothing was.
  public let operands: String
  /// libtorch's reason, its first line.
  public let reason: String
  /// Whether memory ran out, so that a smaller batch may succeed.
  public let isOutOfMemory: Bool

  public var description: String {
    operands.isEmpty ? "\(operation) failed: \(reason)" : "\(operation) failed for \(operands): \(reason)"
  }

  public init(operation: String, operands: String = "", reason: String, isOutOfMemory: Bool = false) {
    self.operation = operation
    self.operands = operands
    self.reason = reason
    self.isOutOfMemory = isOutOfMemory
  }
}

/// Turns a status of the shim into an error. The only place that reads the shim's error text.
///
/// `operands` is evaluated only when there is something to report.
@inline(__always)
func check(_ status: pt_status, _ operation: @autoclosure () -> String, _ operands: @autoclosure () -> String = "")
  throws
{
  guard status != PT_OK else { return }
  let text = String(cString: pt_last_error())
  let firstLine = text.split(separator: "\n", maxSplits: 1).first.map(String.init) ?? "no reason given"
  throw TorchError(
    operation: operation(), operands: operands(), reason: firstLine, isOutOfMemory: status == PT_OUT_OF_MEMORY)
}
