import Analysis
import Foundation
import Testing

/// What detectors find, against values of `scripts/fixtures/boxes.py`: scipy's assignment and numpy.
struct BoxAgreementTests {
  struct Fixture: Decodable {
    struct Side: Decodable {
      let scores: [Float]
      let boxes: [Float]
    }
    struct Case: Decodable {
      let threshold: Double
      let first: Side
      let second: Side
      let counts: [Int]
      let agreement: Double?
      let overlap: Double?
      let classes: Double?
    }
    struct Matrix: Decodable {
      let scores: [[Double]]
      let total: Double
    }
    let queries: Int
    let cases: [Case]
    let matrices: [Matrix]
  }

  let fixture: Fixture

  init() throws {
    let url = SimilarityFixtureTests.folder.appendingPathComponent("boxes.json")
    fixture = try JSONDecoder().decode(Fixture.self, from: Data(contentsOf: url))
  }

  private func found(_ side: Fixture.Side, _ threshold: Double) -> [Detection] {
    Detection.found(scores: side.scores, boxes: side.boxes, queries: fixture.queries, confidence: threshold)
  }

  @Test func agreementIsThatOfScipy() {
    var present = [0, 0, 0]
    for (number, expected) in fixture.cases.enumerated() {
      let first = found(expected.first, expected.threshold)
      let second = found(expected.second, expected.threshold)
      #expect([first.count, second.count] == expected.counts, "case \(number)")
      let got = BoxAgreement(second, first)
      let pairs = [
        (got.agreement, expected.agreement), (got.overlap, expected.overlap), (got.classAgreement, expected.classes),
      ]
      for (place, (value, wanted)) in pairs.enumerated() {
        #expect((value == nil) == (wanted == nil), "case \(number): \(pairs)")
        guard let value, let wanted else { continue }
        #expect(abs(value - wanted) < 1e-9, "case \(number): \(pairs)")
        present[place] += 1
      }
      let back = BoxAgreement(first, second)
      #expect(abs((back.agreement ?? -1) - (got.agreement ?? -1)) < 1e-12, "case \(number) the other way round")
      #expect(abs((back.overlap ?? -1) - (got.overlap ?? -1)) < 1e-12 && back.classAgreement == got.classAgreement)
    }
    #expect(present[0] >= 28 && present[1] >= 28 && present[2] >= 20)
    #expect(fixture.cases.contains { $0.agreement == nil } && fixture.cases.contains { $0.agreement == 0 })
  }

  @Test func assignmentsHaveTheGreatestSum() {
    #expect(fixture.matrices.count == 27)
    for expected in fixture.matrices {
      let pairs = Assignment.greatest(expected.scores)
      let columns = expected.scores[0].count
      #expect(pairs.count == min(expected.scores.count, columns))
      #expect(Set(pairs.map(\.row)).count == pairs.count && Set(pairs.map(\.column)).count == pairs.count)
      #expect(pairs.map(\.row) == pairs.map(\.row).sorted())
      let total = pairs.reduce(0) { $0 + expected.scores[$1.row][$1.column] }
      #expect(abs(total - expected.total) < 1e-9, "\(expected.scores)")
    }
    #expect(Assignment.greatest([]).isEmpty && Assignment.greatest([[], []]).isEmpty)
  }

  @Test func overlapIsSharedOverCovered() {
    func box(_ x: Double, _ y: Double, _ width: Double, _ height: Double) -> Detection.Box {
      Detection.Box(centerX: x, centerY: y, width: width, height: height)
    }
    let one = box(0.5, 0.5, 0.4, 0.2)
    #expect(one.overlap(with: one) == 1 && box(0.3, 0.7, 0.1, 0.37).overlap(with: box(0.3, 0.7, 0.1, 0.37)) == 1)
    // Half of each lies in the other: 1 : 3.
    #expect(abs(one.overlap(with: box(0.7, 0.5, 0.4, 0.2)) - 1.0 / 3) < 1e-12)
    #expect(one.overlap(with: box(0.95, 0.5, 0.4, 0.2)) == 0)
    #expect(box(0.5, 0.5, 0, 0).overlap(with: box(0.5, 0.5, 0, 0)) == 0)
  }

  /// What is missed and what is made up count for nothing gained.
  @Test func extraAndMissingObjectsLowerAgreement() throws {
    let side = fixture.cases[0].first
    let all = found(side, 0.5)
    try #require(all.count > 2)
    let fewer = Array(all.dropLast(2))
    let share = Double(fewer.count) / Double(all.count)
    #expect(abs((BoxAgreement(fewer, all).agreement ?? 0) - share) < 1e-12)
    #expect(abs((BoxAgreement(all, fewer).overlap ?? 0) - share) < 1e-12)
    #expect(BoxAgreement(fewer, all).classAgreement == 1)
    #expect(BoxAgreement([], all) == BoxAgreement(all, []) && BoxAgreement([], all).agreement == 0)
  }
}
