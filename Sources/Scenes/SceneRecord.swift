import Formats
import Foundation
import Imaging

/// One line of `scenes.jsonl`: what is known of one image. The other files are made from these lines.
struct SceneRecord: Codable {
  struct Annotation: Codable {
    let categoryId: Int
    let bbox: [Int]
    let area: Int
    let segmentation: RunLengths
    let hue: Double
    let occlusion: Double
    let inContext: Bool
    let dominant: Bool
  }

  struct RunLengths: Codable {
    /// Height and width.
    let size: [Int]
    let counts: String
  }

  let id: Int
  let fileName: String
  let bytes: Int
  /// Of the picture's file; nil in records of earlier versions.
  let sha256: String?
  let width: Int
  let height: Int
  let context: String
  let split: String
  let label: String
  let annotations: [Annotation]

  init(_ scene: DrawnScene, fileName: String, file: [UInt8]) {
    func rounded(_ value: Double, _ steps: Double) -> Double { (value * steps).rounded() / steps }
    id = scene.index
    self.fileName = fileName
    bytes = file.count
    sha256 = ContentIdentity(of: file).description
    width = scene.width
    height = scene.height
    context = scene.context.rawValue
    split = scene.split.rawValue
    label = scene.label
    let areas = scene.objects.map { $0.mask.area }
    let dominant = areas.max().flatMap { areas.firstIndex(of: $0) }
    annotations = scene.objects.enumerated().map { number, object in
      Annotation(
        categoryId: object.kind.id, bbox: object.mask.box, area: areas[number],
        segmentation: RunLengths(size: [scene.height, scene.width], counts: object.mask.compressedRunLengths),
        hue: rounded(object.hue, 100), occlusion: rounded(object.occlusion, 10000), inContext: object.inContext,
        dominant: number == dominant)
    }
  }
}

/// What `scenes.json` says of a folder: which scenes these are. Its presence makes the folder ours.
struct SceneSettings: Codable, Equatable {
  var format = "palimpsest.scenes"
  var version = SceneGenerator.version
  var seed: UInt64
  var width: Int
  var height: Int
  var contextProbability: Double

  init(_ generator: SceneGenerator) {
    seed = generator.seed
    width = generator.width
    height = generator.height
    contextProbability = generator.contextProbability
  }
}

/// The pieces of COCO's instances file.
enum SceneCOCO {
  struct Info: Encodable {
    let description = "Palimpsest scenes: procedurally drawn images with exact masks"
    let version: String
    let seed: UInt64
    let contextProbability: Double
  }

  struct Image: Encodable {
    let id: Int
    let fileName: String
    let sha256: String?
    let width: Int
    let height: Int
    let context: String
    let split: String
    let label: String
  }

  struct Instance: Encodable {
    let id: Int
    let imageId: Int
    let categoryId: Int
    let bbox: [Int]
    let area: Int
    let iscrowd = 0
    let segmentation: SceneRecord.RunLengths
    let hue: Double
    let occlusion: Double
    let inContext: Bool
    let dominant: Bool
  }

  struct Category: Encodable {
    let id: Int
    let name: String
    let supercategory: String
    let canonicalHue: Double?
    let context: String
    let shapePartners: [String]
    let texturePartners: [String]

    init(_ kind: SceneClass) {
      id = kind.id
      name = kind.name
      supercategory = kind.group
      canonicalHue = kind.canonicalHue
      context = kind.context.rawValue
      shapePartners = kind.shapePartners
      texturePartners = kind.texturePartners
    }
  }
}

/// JSON with sorted keys in snake case, the same bytes for the same values.
enum SceneJSON {
  static func encode(_ value: some Encodable) throws -> Data {
    let encoder = JSONEncoder()
    encoder.keyEncodingStrategy = .convertToSnakeCase
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return try encoder.encode(value)
  }

  static func decode<Value: Decodable>(_ type: Value.Type, _ data: Data) throws -> Value {
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    return try decoder.decode(type, from: data)
  }
}
