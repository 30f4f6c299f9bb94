import Torch

/// Which images a batch is of.
enum ObservationRole { case training, validation }

/// A layer that is made from one pass over the data instead of being trained.
protocol ClosedFormLayer: InverseLayer {
  /// Takes in a batch: the activation at the cut and what it should give.
  func observe(_ input: Tensor, goal: Tensor, role: ObservationRole, context: InverseContext) throws
  /// Gives the parameters their values, when every batch was observed.
  func solve() throws
  /// What is worth telling of the solution; empty where nothing is.
  var note: String { get }
}

extension ClosedFormLayer {
  var note: String { "" }
}
