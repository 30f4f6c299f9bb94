import ArgumentParser
import Imaging
import Pipelines
import Results

/// Images and what is known of them.
struct ImageOptions: ParsableArguments {
  @Option(
    name: .long, help: ArgumentHelp("A folder of pictures: \(PictureFormat.listed("and")) files.", valueName: "dir"))
  var images: String

  @OptionGroup var subset: SubsetOptions

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

  /// As jobs take them.
  ///
  /// - Parameter seed: of a sample that has none of its own.
  func files(seed: Int) -> ImageFiles {
    ImageFiles(images, taking: subset.subset(seed: seed), labels: labels, annotations: annotations)
  }
}
