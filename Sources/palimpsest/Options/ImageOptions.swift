import ArgumentParser
import Imaging
import Pipelines

/// Images and what is known of them.
struct ImageOptions: ParsableArguments {
  @Option(
    name: .long, help: ArgumentHelp("A folder of pictures: \(PictureFormat.listed("and")) files.", valueName: "dir"))
  var images: String

  @Option(name: .long, help: ArgumentHelp("Take the first so many images only.", valueName: "n"))
  var limit: Int?

  @Option(
    name: .long,
    help: ArgumentHelp(
      "A CSV with the columns path,label; other usual names of the two are understood.", valueName: "file"))
  var labels: String?

  @Option(
    name: .long,
    help: ArgumentHelp(
      "A COCO instances JSON: classes, boxes, masks; labels, where each image has objects of one category.",
      valueName: "file"))
  var annotations: String?

  func validate() throws {
    if let limit, limit < 1 { throw ValidationError("--limit is \(limit); give at least 1") }
  }

  /// As jobs take them.
  var files: ImageFiles { ImageFiles(images, limit: limit, labels: labels, annotations: annotations) }
}
