import Figures
import Formats
import HDF5
import Results
import Torch

// The targets of these errors import nothing, so their exit statuses stand here.

extension TorchError: ExitStatusError {
  public var exitStatus: Int32 { 1 }
}

extension HDF5Error: ExitStatusError {
  public var exitStatus: Int32 { 1 }
}

extension ConditionNameError: ExitStatusError {
  public var exitStatus: Int32 { 2 }
}

extension FigureError: ExitStatusError {
  public var exitStatus: Int32 { 2 }
}
