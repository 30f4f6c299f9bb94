import Torch

/// ‖a − b‖ / max(‖b‖, `floor`) in double precision.
public func relativeError(_ a: Tensor, _ b: Tensor, floor: Double = 1e-300) throws -> Double {
  let reference = try b.to(.float64)
  return try (a.to(.float64) - reference).norm().item() / max(reference.norm().item(), floor)
}
