import Formats
import Imaging

/// Steps and what they need of each other, in an order in which they can be done.
public struct StepGraph: Sendable {
  /// Every step behind those it needs, else in the order given.
  public let steps: [Step]
  private let places: [String: Int]

  /// - Throws: ``ExperimentError`` where a name stands twice, a step needs one that is not there, or steps need each other in
  ///   a circle.
  public init(_ steps: [Step]) throws {
    var names: [String: Int] = [:]
    for (index, step) in steps.enumerated() {
      guard names.updateValue(index, forKey: step.name) == nil else {
        throw ExperimentError("there are two steps \(step.name); give one of them another name")
      }
    }
    for step in steps {
      if let missing = step.needs.first(where: { names[$0] == nil }) {
        throw ExperimentError("\(step.name) needs \(missing), which is not there")
      }
    }
    var order: [Int] = []
    var state = Array(repeating: 0, count: steps.count)
    var path: [Int] = []
    func visit(_ index: Int) throws {
      if state[index] == 2 { return }
      path.append(index)
      defer { path.removeLast() }
      if state[index] == 1 {
        let circle = path.drop { $0 != index }.map { steps[$0].name }
        throw ExperimentError("\(circle.joined(separator: " needs ")): a circle; break it")
      }
      state[index] = 1
      for need in steps[index].needs { if let place = names[need] { try visit(place) } }
      state[index] = 2
      order.append(index)
    }
    for index in steps.indices { try visit(index) }
    self.steps = order.map { steps[$0] }
    places = Dictionary(uniqueKeysWithValues: self.steps.enumerated().map { ($1.name, $0) })
  }

  public subscript(name: String) -> Step? { places[name].map { steps[$0] } }

  /// The steps of this name, of this section, or of this name in any section.
  ///
  /// - Throws: ``ExperimentError`` with the nearest name, where there are none.
  public func named(_ text: String, flag: String) throws -> [Step] {
    let found = steps.filter { $0.name == text || $0.name.hasPrefix(text + "/") || $0.name.hasSuffix("/" + text) }
    guard found.isEmpty else { return found }
    let names = steps.flatMap { [$0.name] + $0.name.split(separator: "/").map(String.init) }
    throw ExperimentError(
      "\(flag): there is no step '\(text)'\(Spelling.suggestion(for: text, among: names)); there are "
        + steps.map(\.name).joined(separator: ", "))
  }

  /// These steps and all that they need.
  public func closure(of names: Set<String>) -> Set<String> {
    var wanted = names
    for step in steps.reversed() where wanted.contains(step.name) { wanted.formUnion(step.needs) }
    return wanted
  }
}
