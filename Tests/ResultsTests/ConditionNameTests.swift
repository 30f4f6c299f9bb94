import Results
import Testing

/// The names of colour conditions, read by one parser.
@Suite struct ConditionNameTests {
  /// 8-bit hue turns in steps of 2°: what is written is not always what is done.
  @Test func hueTurnsInStepsOfTwoDegrees() {
    let turns = [15.0, 91, 181, 271].map { ConditionName.hueTurn(of: "hue+\(Int($0))") }
    #expect(turns == [16, 92, 182, 272])
    #expect(ConditionName.hueTurn(of: "hue+14.9") == 14)
    #expect(ConditionName.hueTurn(of: "hue+359.5") == 0)
    #expect(ConditionName.hueTurn(of: "hue+375") == 16)
    #expect(ConditionName.hueTurn(of: "original") == 0)
    for name in ["red", "gray", "hue+x", "hue+", "hue+1e2", "hue-30", "brightness*2"] {
      #expect(ConditionName.hueTurn(of: name) == nil, "\(name)")
    }
  }

  @Test func everyFormIsReadAndSaysWhatItDoes() throws {
    let expected: [String: ConditionName.Change] = [
      "original": .none, "red": .hueSet(degrees: 0), "green": .hueSet(degrees: 120), "blue": .hueSet(degrees: 240),
      "hue+120": .hueTurned(degrees: 120), "gray": .gray, "saturation*0.5": .saturationScaled(0.5),
      "brightness*0.5": .valueScaled(0.5), "permute-rbg": .channels([0, 2, 1]), "permute-grb": .channels([1, 0, 2]),
      "permute-gbr": .channels([1, 2, 0]), "permute-brg": .channels([2, 0, 1]), "permute-bgr": .channels([2, 1, 0]),
      "erase": .erased, "swap": .swapped, "hue+240": .hueTurned(degrees: 240),
    ]
    #expect(ConditionName.examples.count == ConditionName.forms.count + 1)
    for example in ConditionName.examples {
      #expect(try ConditionName(parsing: example).change == expected[example], "\(example)")
      #expect(try ConditionName(parsing: example).text == example)
    }
  }

  @Test func whatIsNoConditionIsRefusedWithTheReason() {
    #expect(throws: ConditionNameError.unknown("Red")) { try ConditionName(parsing: "Red") }
    #expect(throws: ConditionNameError.unknown("permute-rgbx")) { try ConditionName(parsing: "permute-rgbx") }
    #expect(throws: ConditionNameError.unknown("permute-rrb")) { try ConditionName(parsing: "permute-rrb") }
    #expect(throws: ConditionNameError.badNumber("hue+-3", prefix: "hue+", expected: "degrees from 0")) {
      try ConditionName(parsing: "hue+-3")
    }
    #expect(
      "\(ConditionNameError.badNumber("hue+x", prefix: "hue+", expected: "degrees from 0"))"
        == "condition 'hue+x': expected degrees from 0 after 'hue+', as in 'hue+1.5'")
  }
}
