import Torch

/// Which images a batch is of.
package enum ObservationRole { case training, validation }

/// A layer whose parameters follow in closed form from one pass over the data.
protocol ClosedFormLayer: InverseLayer {
  /// Takes in a batch: the activation at the cut and what it should give.
  func observe(_ input: Tensor, goal: Tensor, role: ObservationRole, context: InverseContext) throws
  /// Gives the parameters their values, when every batch was observed.
  func solve() throws
  /// A note on the solution for the user, such as the ridge; empty where there is none.
  var note: String { get }
}

extension ClosedFormLayer {
  var note: String { "" }
}
