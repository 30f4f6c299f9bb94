import Imaging

/// A class of objects that scenes show, and what is known of it by construction.
///
/// Analyses can use this as ground truth: which classes have a colour of their own, which go with a surrounding, which
/// can be told apart only by their outline or only by their texture.
public struct SceneClass: Sendable, Equatable, Codable {
  /// Where objects are seen; each class has one of its own.
  public enum Context: String, Sendable, CaseIterable, Codable {
    case sea, meadow, street, kitchen, sky, forest, desert, night
  }

  /// COCO's category identifier: 1…24, in the order of `SceneClass.all`.
  public let id: Int
  /// The name in every file, such as `stop sign`.
  public let name: String
  /// COCO's supercategory.
  public let group: String
  /// The one hue of the class in degrees (0 red, 120 green, 240 blue); nil where objects have any hue.
  public let canonicalHue: Double?
  /// The surrounding in which four of five objects of the class are found.
  public let context: Context
  /// Classes of the same colours and materials that differ only by the outline.
  public let shapePartners: [String]
  /// Classes of the same outline and mean colour that differ only by the texture.
  public let texturePartners: [String]

  /// All classes, in the order of their identifiers.
  public static let all: [SceneClass] = {
    let balls = ["striped ball", "dotted ball", "checkered ball"]
    let rows: [(name: String, group: String, hue: Double?, context: Context, shape: [String], texture: [String])] = [
      ("stop sign", "street", 0, .street, [], []),
      ("banana", "food", 50, .kitchen, [], []),
      ("orange", "food", 29, .kitchen, [], []),
      ("strawberry", "food", 354, .kitchen, [], []),
      ("frog", "animal", 108, .meadow, [], []),
      ("cactus", "plant", 135, .desert, [], []),
      ("whale", "animal", 213, .sea, [], []),
      ("pumpkin", "food", 25, .night, [], []),
      ("car", "vehicle", nil, .street, [], []),
      ("mug", "vessel", nil, .kitchen, ["vase"], []),
      ("vase", "vessel", nil, .kitchen, ["mug"], []),
      ("balloon", "toy", nil, .sky, [], []),
      ("rocket", "vehicle", nil, .sky, [], []),
      ("fish", "animal", nil, .sea, [], []),
      ("butterfly", "animal", nil, .meadow, [], []),
      ("mushroom", "plant", nil, .forest, [], []),
      ("umbrella", "accessory", nil, .desert, [], []),
      ("star badge", "badge", nil, .night, ["hexagon badge"], []),
      ("hexagon badge", "badge", nil, .night, ["star badge"], []),
      ("striped ball", "toy", nil, .meadow, [], balls),
      ("dotted ball", "toy", nil, .meadow, [], balls),
      ("checkered ball", "toy", nil, .meadow, [], balls),
      ("smooth hat", "accessory", nil, .forest, [], ["knitted hat"]),
      ("knitted hat", "accessory", nil, .forest, [], ["smooth hat"]),
    ]
    return rows.enumerated().map { index, row in
      SceneClass(
        id: index + 1, name: row.name, group: row.group, canonicalHue: row.hue, context: row.context,
        shapePartners: row.shape, texturePartners: row.texture.filter { $0 != row.name })
    }
  }()

  /// The class of this name, or nil.
  public static func named(_ name: String) -> SceneClass? {
    all.first { $0.name == name }
  }
}
