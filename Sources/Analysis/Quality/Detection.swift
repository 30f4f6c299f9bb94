import Foundation
import Torch

/// An object that a detector found in a picture.
public struct Detection: Sendable, Equatable {
  /// The class, counted from 0.
  public let label: Int
  public let box: Box

  /// A rectangle by its centre and sides, as shares of the picture's width and height.
  public struct Box: Sendable, Equatable {
    public let centerX: Double
    public let centerY: Double
    public let width: Double
    public let height: Double

    public init(centerX: Double, centerY: Double, width: Double, height: Double) {
      self.centerX = centerX
      self.centerY = centerY
      self.width = width
      self.height = height
    }

    var left: Double { centerX - width / 2 }
    var right: Double { centerX + width / 2 }
    var top: Double { centerY - height / 2 }
    var bottom: Double { centerY + height / 2 }

    /// The area that two boxes share over the area that either covers; 0 where neither covers any. Stretching the picture
    /// changes nothing of it.
    public func overlap(with other: Box) -> Double {
      let across = max(0, min(right, other.right) - max(left, other.left))
      let down = max(0, min(bottom, other.bottom) - max(top, other.top))
      let shared = across * down
      // Areas from the same corners, so that a box overlaps itself by 1 and no rounding.
      func area(_ box: Box) -> Double { (box.right - box.left) * (box.bottom - box.top) }
      let either = area(self) + area(other) - shared
      return either > 0 ? shared / either : 0
    }
  }

  public init(label: Int, box: Box) {
    self.label = label
    self.box = box
  }

  /// The confidence above which transformers counts a query as an object where nothing else is said.
  public static let defaultConfidence = 0.5

  /// The objects of each picture of a batch, see the other; nil where a score or a box of it is not finite.
  ///
  /// - Parameters:
  ///   - scores: `[B, queries, classes + 1]`; `boxes`: `[B, queries, 4]`; both in float32 on the CPU.
  static func found(scores: Tensor, boxes: Tensor, confidence: Double) throws -> [[Detection]?] {
    let (queries, classes) = (scores.extent(1), scores.extent(2))
    let allScores: [Float] = try scores.contiguous().values()
    let allBoxes: [Float] = try boxes.contiguous().values()
    return (0..<scores.extent(0)).map { image in
      let own = allScores[image * queries * classes..<(image + 1) * queries * classes]
      let ownBoxes = allBoxes[image * queries * 4..<(image + 1) * queries * 4]
      guard own.allSatisfy(\.isFinite), ownBoxes.allSatisfy(\.isFinite) else { return nil }
      return Detection.found(scores: own, boxes: ownBoxes, queries: queries, confidence: confidence)
    }
  }

  /// The objects among a detector's queries: those whose likeliest class, "no object" left out, has more than this
  /// probability (softmax over all classes and "no object").
  ///
  /// - Parameters:
  ///   - scores: `[queries, classes + 1]` before the softmax, "no object" last.
  ///   - boxes: `[queries, 4]`: centre and sides, x before y, as shares of the picture's.
  public static func found(
    scores: some RandomAccessCollection<Float>, boxes: some RandomAccessCollection<Float>, queries: Int,
    confidence: Double
  ) -> [Detection] {
    let scores = Array(scores)
    let boxes = boxes.map { Double($0) }
    let classes = scores.count / max(1, queries)
    return (0..<queries).compactMap { query in
      let own = scores[query * classes..<(query + 1) * classes].map { Double($0) }
      guard classes > 1, let largest = own.max() else { return nil }
      let total = own.reduce(0) { $0 + exp($1 - largest) }
      let label = (0..<classes - 1).reduce(0) { own[$1] > own[$0] ? $1 : $0 }
      guard exp(own[label] - largest) / total > confidence else { return nil }
      let box = boxes[query * 4..<query * 4 + 4].map { $0 }
      return Detection(label: label, box: Box(centerX: box[0], centerY: box[1], width: box[2], height: box[3]))
    }
  }
}

/// How well what is found in one picture agrees with what is found in another.
///
/// Objects are paired one to one so that the sum of overlaps (intersection over union) is greatest. Sums are divided by the
/// number of objects in the picture that has more of them, so that what is missed and what is made up count as 0. It does not
/// matter which of the two pictures comes first.
package struct BoxAgreement: Equatable {
  /// Over pairs of the same class alone; nil where nothing is found in either picture.
  package let agreement: Double?
  /// Over pairs of any classes; nil where nothing is found in either picture.
  package let overlap: Double?
  /// Of the pairs of any classes that overlap by half or more, the share with the same class; nil where there are none.
  package let classAgreement: Double?

  /// From how much overlap on two boxes are of the same thing.
  static let leastOverlap = 0.5

  /// Where what is found in a picture is not known.
  static let unknown = BoxAgreement(agreement: .nan, overlap: .nan, classAgreement: .nan)

  private init(agreement: Double, overlap: Double, classAgreement: Double) {
    (self.agreement, self.overlap, self.classAgreement) = (agreement, overlap, classAgreement)
  }

  package init(_ found: [Detection], _ expected: [Detection]) {
    let most = Double(max(found.count, expected.count))
    guard most > 0 else {
      (agreement, overlap, classAgreement) = (nil, nil, nil)
      return
    }
    let overlaps = found.map { own in expected.map { own.box.overlap(with: $0.box) } }
    let ofClass = zip(found, overlaps).map { own, row in
      zip(expected, row).map { own.label == $0.label ? $1 : 0 }
    }
    func total(_ pairs: [(row: Int, column: Int)], _ scores: [[Double]]) -> Double {
      pairs.reduce(0) { $0 + scores[$1.row][$1.column] }
    }
    let pairs = Assignment.greatest(overlaps)
    agreement = total(Assignment.greatest(ofClass), ofClass) / most
    overlap = total(pairs, overlaps) / most
    let same = pairs.filter { overlaps[$0.row][$0.column] >= BoxAgreement.leastOverlap }
    classAgreement =
      same.isEmpty
      ? nil
      : Double(same.count { found[$0.row].label == expected[$0.column].label }) / Double(same.count)
  }
}
