import Foundation
import Results

/// How similarity to the original falls as hue is turned: circular statistics of the curve, and where half of it is lost.
///
/// Definitions: docs/definitions.md, "The hue curve".
package struct HueCurve: Sendable, Equatable {
  /// Degrees by which hue is turned, ascending from 0.
  package let angles: [Double]

  /// - Parameter angles: in 0 ..< 360, ascending, the first 0.
  package init(angles: [Double]) {
    precondition(angles.first == 0, "the original comes first")
    self.angles = angles
  }

  /// The widest gap between neighbours on the circle that a curve may have.
  package static let widestGap = 120.0

  /// Whether the angles lie densely enough for the statistics.
  package var isComplete: Bool { angles.count >= 4 && gaps.allSatisfy { $0 <= HueCurve.widestGap } }

  /// Degrees from each angle to the next on the circle.
  private var gaps: [Double] {
    angles.indices.map { ($0 + 1 < angles.count ? angles[$0 + 1] : 360) - angles[$0] }
  }

  /// The statistics of a curve that is 1 at angle 0 and 0 at the baseline, linear between the angles (trapezoidal weights).
  ///
  /// - Parameter curve: a value for each angle.
  /// - Returns: by statistic; nil where a half is never lost, or a curve nowhere above 0 has no direction.
  package func statistics(_ curve: [Double]) -> [HueStatistic: Double] {
    precondition(curve.count == angles.count, "a value for each angle")
    let gaps = gaps
    var (mean, x, y, weight, densityX, densityY) = (0.0, 0.0, 0.0, 0.0, 0.0, 0.0)
    for (index, value) in curve.enumerated() {
      let share = (gaps[index] + gaps[(index + gaps.count - 1) % gaps.count]) / 720
      let angle = angles[index] * .pi / 180
      let density = max(0, value)
      mean += share * value
      x += 2 * share * value * cos(angle)
      y += 2 * share * value * sin(angle)
      weight += share * density
      densityX += share * density * cos(angle)
      densityY += share * density * sin(angle)
    }
    var result: [HueStatistic: Double] = [.mean: mean, .amplitude: (x * x + y * y).squareRoot()]
    result[.phase] = atan2(y, x) * 180 / .pi
    if weight > 0 {
      result[.resultantLength] = (densityX * densityX + densityY * densityY).squareRoot() / weight
      result[.circularMean] = atan2(densityY, densityX) * 180 / .pi
    }
    let forward = halfAngle(angles + [360], curve + [curve[0]])
    let backward = halfAngle(
      [0] + angles.dropFirst().reversed().map { 360 - $0 } + [360], [curve[0]] + curve.reversed())
    result[.halfAngleForward] = forward
    result[.halfAngleBackward] = backward
    if let forward, let backward { result[.halfAngle] = (forward + backward) / 2 }
    return result
  }

  /// The first angle, up to half a turn, at which a curve from 1 on falls below one half.
  private func halfAngle(_ angles: [Double], _ curve: [Double]) -> Double? {
    for index in 1..<curve.count where curve[index] < 0.5 && curve[index - 1] >= 0.5 {
      let share = (curve[index - 1] - 0.5) / (curve[index - 1] - curve[index])
      let angle = angles[index - 1] + share * (angles[index] - angles[index - 1])
      return angle <= 180 ? angle : nil
    }
    return nil
  }

  /// The interval of a statistic from its replicates, see ``ReplicateInterval``; directions are taken as they lie around
  /// `value`.
  package static func interval(
    _ statistic: HueStatistic, value: Double, _ replicates: [Double], images: Int
  ) -> (low: Double, high: Double)? {
    var values = replicates
    if statistic.isDirection { values = replicates.map { value + ($0 - value).remainder(dividingBy: 360) } }
    return ReplicateInterval.interval(value, replicates: values, images: images)
  }
}

extension HueStatistic {
  /// Whether the statistic is a direction on the circle, of which 180° and −180° are the same.
  var isDirection: Bool { self == .phase || self == .circularMean }
}
