import Activations
import Formats
import Foundation
import Results

/// A detector's classes at places of the picture: the predictions that stand for one object of a class at a box and nothing
/// else, to be reconstructed as a picture by inverses.
///
/// Every query but one says "no object", each with its mean box over the images of a store; the one whose boxes lie nearest to
/// the wanted box says the class and that box. Definitions: docs/definitions.md.
public struct ClassPlaces: Sendable {
  public struct Settings: Sendable {
    /// Places from top to bottom and from left to right, evenly over the picture.
    public var rows = 3
    public var columns = 3
    /// Sides of the boxes as shares of the picture's.
    public var width = 0.3
    public var height = 0.3
    /// Names or numbers of classes; nil for those that the model finds most often in the store's images.
    public var classes: [String]?
    /// The most classes where none are named.
    public var mostClasses = 10
    /// What counts as found, see ``Detection``.
    public var confidence = Detection.defaultConfidence

    public init() {}
  }

  /// Where an object is shown.
  public struct Place: Sendable, Equatable {
    /// Row and column from 1 on: `2-3`.
    public let name: String
    public let box: Detection.Box
    /// The query that says so.
    public let query: Int
  }

  public struct Class: Sendable, Equatable {
    /// Counted from 0, as the model does.
    public let number: Int
    public let name: String
  }

  /// The taps of a detector's predictions.
  public static let taps = (scores: "logits", boxes: "boxes")
  /// What the row without any object is called.
  public static let emptyName = "no object"

  public let classes: [Class]
  public let places: [Place]
  /// Shapes of the two taps.
  public let shapes: (scores: TapShape, boxes: TapShape)
  /// What counts as found, see ``Detection``.
  let confidence: Double
  private let meanBoxes: [Detection.Box]

  /// Whether a store holds the predictions of a detector.
  public static func isDetector(_ store: FeatureStore, condition: String = ConditionName.original.text) throws -> Bool {
    guard store.conditions.contains(condition) else { return false }
    let stored = try store.taps(condition: condition)
    guard let scores = stored.first(where: { $0.name == taps.scores }),
      let boxes = stored.first(where: { $0.name == taps.boxes })
    else { return false }
    return boxes.channels == 4 && scores.tokens == boxes.tokens && scores.channels > 1
  }

  /// What to show of a detector, from what it said of the images of a store.
  ///
  /// - Parameter selection: which condition and images of the store count.
  /// - Throws: ``AnalysisError`` where a class is unknown, no image is complete, or nothing is found and no class named.
  public init(
    _ store: FeatureStore, settings: Settings = Settings(),
    of selection: MeasureSelection = MeasureSelection(bootstrap: 0)
  ) throws {
    let habits = try QueryHabits(store, settings, selection)
    let names = ClassPlaces.classNames(store, count: habits.classes)
    classes = try ClassPlaces.chosen(names, habits, settings, path: store.path)
    places = zip(ClassPlaces.boxes(settings), habits.nearest).map { Place(name: $0.name, box: $0.box, query: $1) }
    meanBoxes = habits.meanBoxes
    confidence = settings.confidence
    let queries = habits.meanBoxes.count
    shapes = (
      TapShape(name: ClassPlaces.taps.scores, tokens: queries, channels: habits.classes + 1),
      TapShape(name: ClassPlaces.taps.boxes, tokens: queries, channels: 4)
    )
  }

  // MARK: Rows

  /// One picture: no object at all, or a class at a place.
  public struct Row: Sendable {
    public let name: String
    /// Among ``classes`` and ``places``; nil for the picture without an object.
    public let place: (label: Int, place: Int)?
  }

  /// The picture without an object, then class by class those of all places.
  public var rows: [Row] {
    let names = FileNames.distinct(classes.map(\.name))
    return [Row(name: ClassPlaces.emptyName, place: nil)]
      + classes.indices.flatMap { label in
        places.indices.map { Row(name: "\(names[label])/\(places[$0].name)", place: (label, $0)) }
      }
  }

  /// Where the row of a class and a place is among ``rows``.
  func row(_ label: Int, _ place: Int) -> Int { 1 + label * places.count + place }

  /// Scores of all rows, `[rows, queries, classes + 1]`: 1 for what a query says, else 0.
  public func scores() -> [Float] {
    let (queries, width) = (shapes.scores.tokens, shapes.scores.channels)
    return rows.flatMap { row in
      (0..<queries).flatMap { query in
        var one = [Float](repeating: 0, count: width)
        let isShown = row.place.map { places[$0.place].query == query } ?? false
        one[isShown ? row.place.map { classes[$0.label].number } ?? width - 1 : width - 1] = 1
        return one
      }
    }
  }

  /// Boxes of all rows, `[rows, queries, 4]`.
  public func boxes() -> [Float] {
    rows.flatMap { row in
      meanBoxes.enumerated().flatMap { query, mean in
        let shown = row.place.flatMap { places[$0.place].query == query ? places[$0.place].box : nil }
        let box = shown ?? mean
        return [Float(box.centerX), Float(box.centerY), Float(box.width), Float(box.height)]
      }
    }
  }

  // MARK: Choices

  /// Boxes of one size, their centres evenly over the picture, moved in where they would reach beyond its border.
  static func boxes(_ settings: Settings) -> [(name: String, box: Detection.Box)] {
    func center(_ place: Int, _ count: Int, _ side: Double) -> Double {
      max(side / 2, min(1 - side / 2, (Double(place) + 0.5) / Double(count)))
    }
    return (0..<settings.rows).flatMap { row in
      (0..<settings.columns).map { column in
        (
          "\(row + 1)-\(column + 1)",
          Detection.Box(
            centerX: center(column, settings.columns, settings.width),
            centerY: center(row, settings.rows, settings.height), width: settings.width, height: settings.height)
        )
      }
    }
  }

  /// Names of the model's classes, from the configuration that the store keeps; `class 17` where it names none. Several of one name
  /// are told apart by their numbers.
  package static func classNames(_ store: FeatureStore, count: Int) -> [String] {
    let configuration = try? JSONObject(parsing: Array((store.attribute("config") ?? "").utf8))
    let names = try? configuration?.object("id2label")
    return ClassNames.distinct((0..<count).map { (try? names?.string("\($0)")) ?? "class \($0)" })
  }

  private static func chosen(
    _ names: [String], _ habits: QueryHabits, _ settings: Settings, path: String
  ) throws -> [Class] {
    if let wanted = settings.classes {
      return try wanted.map { name in
        let number = names.firstIndex(of: name) ?? Int(name).flatMap { names.indices.contains($0) ? $0 : nil }
        guard let number else {
          let alike = names.filter { $0.hasPrefix(name + " (") }
          throw AnalysisError(
            .badInput,
            alike.isEmpty
              ? "the model of \(path) has no class '\(name)'; it has \(names.joined(separator: ", "))"
              : "the model of \(path) has \(alike.count) classes of the name '\(name)': give one of "
                + alike.joined(separator: ", "))
        }
        return Class(number: number, name: names[number])
      }
    }
    let found = names.indices.filter { habits.found[$0] > 0 }
      .sorted { (habits.found[$1], $0) < (habits.found[$0], $1) }
    guard !found.isEmpty else {
      throw AnalysisError(
        .badInput,
        "the model finds nothing with a confidence above \(settings.confidence) in the images of \(path), so there is no"
          + " class to show; name some with --classes")
    }
    return found.prefix(settings.mostClasses).map { Class(number: $0, name: names[$0]) }
  }
}

/// What a detector's queries said of the images of a store.
struct QueryHabits {
  /// Classes without "no object".
  let classes: Int
  /// By query the mean box, whatever it said of the class.
  let meanBoxes: [Detection.Box]
  /// By class how many objects were found.
  let found: [Int]
  /// For each place the query with the least mean L1 distance of its boxes to the box there, the first of equal ones.
  let nearest: [Int]

  init(_ store: FeatureStore, _ settings: ClassPlaces.Settings, _ selection: MeasureSelection) throws {
    let condition = selection.condition
    let scores = try store.tap(ClassPlaces.taps.scores, condition: condition)
    let boxes = try store.tap(ClassPlaces.taps.boxes, condition: condition)
    let (queries, wanted) = (boxes.tokens, ClassPlaces.boxes(settings).map(\.box))
    let complete = try store.completeRows(condition: condition)
    let rows = selection.images.indices(of: store.imagePaths, usable: complete)
    guard !rows.isEmpty else {
      throw AnalysisError(.badInput, "\(store.path): no image is complete; the same extract goes on with it")
    }
    classes = scores.channels - 1
    var sums = [Double](repeating: 0, count: queries * 4)
    var distances = [Double](repeating: 0, count: wanted.count * queries)
    var found = [Int](repeating: 0, count: classes)
    for some in pieces(of: 0..<rows.count, size: 256) {
      let here = Array(rows[some])
      let ownScores = try store.readRows(condition: condition, tap: scores.name, rows: here)
      let ownBoxes = try store.readRows(condition: condition, tap: boxes.name, rows: here)
      for (image, row) in here.enumerated() {
        for (tap, values) in [(scores, ownScores), (boxes, ownBoxes)] {
          guard values[image * tap.columns..<(image + 1) * tap.columns].allSatisfy(\.isFinite) else {
            throw AnalysisError(
              .badInput,
              "\(store.path): tap \(tap.name) holds a number that is not finite for image '\(store.imagePaths[row])'; extract the "
                + "store again with weights that palimpsest verify finds whole, or leave the image out")
          }
        }
        let boxesHere = ownBoxes[image * queries * 4..<(image + 1) * queries * 4].map { Double($0) }
        for (place, value) in boxesHere.enumerated() { sums[place] += value }
        for (place, box) in wanted.enumerated() {
          let target = [box.centerX, box.centerY, box.width, box.height]
          for query in 0..<queries {
            for side in 0..<4 { distances[place * queries + query] += abs(boxesHere[query * 4 + side] - target[side]) }
          }
        }
        let columns = scores.columns
        for object in Detection.found(
          scores: ownScores[image * columns..<(image + 1) * columns],
          boxes: ownBoxes[image * queries * 4..<(image + 1) * queries * 4], queries: queries,
          confidence: settings.confidence)
        {
          found[object.label] += 1
        }
      }
    }
    self.found = found
    let count = Double(rows.count)
    meanBoxes = (0..<queries).map { query in
      let own = sums[query * 4..<query * 4 + 4].map { $0 / count }
      return Detection.Box(centerX: own[0], centerY: own[1], width: own[2], height: own[3])
    }
    nearest = wanted.indices.map { place in
      let own = distances[place * queries..<(place + 1) * queries]
      return own.indices.reduce(own.startIndex) { own[$1] < own[$0] ? $1 : $0 } - own.startIndex
    }
  }
}
