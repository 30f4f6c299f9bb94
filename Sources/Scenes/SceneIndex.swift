import Formats
import Foundation
import Imaging

/// The files that describe a folder of scenes as a whole.
struct SceneIndex {
  let generator: SceneGenerator
  let records: [SceneRecord]

  func write(to folder: SceneFolder) throws {
    let target = { (name: String) in folder.url.appendingPathComponent(name) }
    var labels = "path,label,sha256\n"
    var splits = "path,split\n"
    for record in records {
      labels += CommaSeparatedValues.line([record.fileName, record.label, record.sha256 ?? ""])
      splits += CommaSeparatedValues.line([record.fileName, record.split])
    }
    try folder.write(Data(labels.utf8), to: target("labels.csv"))
    try folder.write(Data(splits.utf8), to: target("splits.csv"))
    try folder.write(try classes(), to: target("classes.json"))
    try folder.write(try instances(), to: target("annotations.json"))
    try folder.write(Data(readme.utf8), to: target("README.md"))
  }

  private func classes() throws -> Data {
    try lines(SceneClass.all.map(SceneCOCO.Category.init), open: "[\n", close: "\n]\n")
  }

  private func instances() throws -> Data {
    let info = SceneCOCO.Info(
      version: String(SceneGenerator.version), seed: generator.seed, contextProbability: generator.contextProbability)
    let images = records.map { record in
      SceneCOCO.Image(
        id: record.id, fileName: record.fileName, sha256: record.sha256, width: record.width, height: record.height,
        context: record.context,
        split: record.split, label: record.label)
    }
    var annotations: [SceneCOCO.Instance] = []
    for record in records {
      for annotation in record.annotations {
        annotations.append(
          SceneCOCO.Instance(
            id: annotations.count + 1, imageId: record.id, categoryId: annotation.categoryId, bbox: annotation.bbox,
            area: annotation.area, segmentation: annotation.segmentation, hue: annotation.hue,
            occlusion: annotation.occlusion, inContext: annotation.inContext, dominant: annotation.dominant))
      }
    }
    var data = Data("{\"info\": ".utf8)
    data += try SceneJSON.encode(info)
    data += Data(",\n\"licenses\": [],\n\"categories\": ".utf8)
    data += try lines(SceneClass.all.map(SceneCOCO.Category.init), open: "[\n", close: "\n],\n")
    data += try lines(images, open: "\"images\": [\n", close: "\n],\n")
    data += try lines(annotations, open: "\"annotations\": [\n", close: "\n]}\n")
    return data
  }

  /// A JSON list with one element a line.
  private func lines(_ values: [some Encodable], open: String, close: String) throws -> Data {
    var data = Data(open.utf8)
    for (index, value) in values.enumerated() {
      if index > 0 { data += Data(",\n".utf8) }
      data += try SceneJSON.encode(value)
    }
    return data + Data(close.utf8)
  }

  private var readme: String {
    """
    # Scenes

    \(records.count) procedurally drawn images of \(generator.width)×\(generator.height) pixels, made by
    `palimpsest scenes --count \(records.count) --seed \(generator.seed) --size \
    \(generator.width)x\(generator.height)` (drawings' version \(SceneGenerator.version), context probability \
    \(generator.contextProbability)).
    The same command draws the same bytes.

    | file | what it holds |
    |---|---|
    | `images/000000.png` … | the pictures; names in the other files are relative to `images/` |
    | `annotations.json` | COCO instances: boxes, areas and run-length masks of the visible pixels; beside COCO's own fields each file's `sha256`, each object's `hue` in degrees, hidden share (`occlusion`), `in_context` and `dominant` |
    | `labels.csv` | `path,label,sha256`: the class of the object with the most visible pixels, and what the picture's file holds |
    | `splits.csv` | `path,split`: train, validation or test (80, 10, 10 %), from seed and number alone |
    | `classes.json` | each class: canonical hue (absent where objects have any colour), the surrounding in which it is usually found, the classes that differ from it only by shape or only by texture |
    | `scenes.jsonl`, `scenes.json` | one line an image, and the settings: from these an interrupted run goes on |

    """
  }
}
