import Torch

/// A part of a network: it lists its children and parameters, by the names a checkpoint has for them.
///
/// The tree of modules is the tree of the canonical checkpoint. Other spellings are the business of a
/// ``CheckpointDialect``.
public protocol Module: AnyObject {
  /// Children and own parameters, in the order of the forward pass.
  var contents: [ModuleEntry] { get }

  /// Called when the values of parameters changed, to forget what was derived from them (packed weights).
  func parametersDidChange()
}

/// One line of a module's list.
public enum ModuleEntry {
  case parameter(String, Parameter)
  case child(String, any Module)

  /// A parameter that a configuration may leave out.
  public static func optional(_ name: String, _ parameter: Parameter?) -> [ModuleEntry] {
    parameter.map { [.parameter(name, $0)] } ?? []
  }

  /// A child that a configuration may leave out.
  public static func optional(_ name: String, _ child: (any Module)?) -> [ModuleEntry] {
    child.map { [.child(name, $0)] } ?? []
  }

  /// `name.0`, `name.1`, … for the members of a list.
  public static func list(_ name: String, _ children: [any Module]) -> [ModuleEntry] {
    children.enumerated().map { .child("\(name).\($0.offset)", $0.element) }
  }
}

extension Module {
  public func parametersDidChange() {}

  /// Every parameter and buffer below this module with its path, in order.
  public func namedParameters(prefix: String = "") -> [(name: String, parameter: Parameter)] {
    contents.flatMap { entry -> [(name: String, parameter: Parameter)] in
      switch entry {
      case .parameter(let name, let parameter): [(prefix + name, parameter)]
      case .child(let name, let module): module.namedParameters(prefix: prefix + name + ".")
      }
    }
  }

  /// Draws every parameter as its initialization says, in order.
  public func drawParameters(_ generator: Generator) throws {
    for (_, parameter) in namedParameters() { try parameter.draw(generator) }
    announceChange()
  }

  /// Moves every parameter to a device.
  public func move(to device: Device) throws {
    for (_, parameter) in namedParameters() { try parameter.set(parameter.value.to(device)) }
    announceChange()
  }

  /// Tells this module and all below it that values changed.
  public func announceChange() {
    parametersDidChange()
    for case .child(_, let module) in contents { module.announceChange() }
  }

  /// The number of learned numbers.
  public var learnedCount: Int {
    namedParameters().filter(\.parameter.isLearned).reduce(0) { $0 + $1.parameter.shape.reduce(1, *) }
  }
}
