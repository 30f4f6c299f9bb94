import Formats
import Imaging

/// Where colour conditions act: on all annotated objects, or on those of one class.
struct ConditionRegion: Sendable {
  let annotations: COCOAnnotations
  /// The class whose masks count, or nil for all objects.
  let category: String?

  /// - Parameter text: `objects` or `class:NAME`.
  /// - Throws: ``BadInput`` for anything else, or where the annotations have no such class.
  init(_ text: String, annotations: COCOAnnotations) throws {
    self.annotations = annotations
    if text == "objects" {
      category = nil
    } else if text.hasPrefix("class:") {
      let name = String(text.dropFirst("class:".count))
      let names = annotations.categories.map(\.name)
      guard names.contains(name) else {
        throw BadInput(
          "--region \(text): the annotations have no class '\(name)'\(Spelling.suggestion(for: name, among: names)); "
            + (names.isEmpty ? "they have none at all" : "they have \(names.prefix(12).joined(separator: ", "))")
            + (names.count > 12 ? " and \(names.count - 12) more" : ""))
      }
      category = name
    } else {
      throw BadInput("--region is '\(text)'; give objects or class:NAME")
    }
  }

  func mask(of path: String, width: Int, height: Int) throws -> Mask {
    try annotations.mask(at: path, width: width, height: height, category: category)
  }
}

extension ColorCondition {
  /// `original` and the conditions with these names, each once.
  ///
  /// - Throws: `ImagingError` for a name that is not one of a condition.
  public static func beside(original names: [String]) throws -> [ColorCondition] {
    var conditions = [ColorCondition.original]
    for name in names {
      let condition = try ColorCondition(parsing: name)
      if !conditions.contains(condition) { conditions.append(condition) }
    }
    return conditions
  }
}
