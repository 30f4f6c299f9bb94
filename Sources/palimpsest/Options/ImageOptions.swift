import ArgumentParser
import Imaging
import Pipelines

/// Images and what is known of them.
struct ImageOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp("A folder of pictures: \(PictureFormat.listed("and")) files.", valueName: "dir"),
    completion: .directory)
  var images: String

  @OptionGroup var subset: SubsetOptions

  @OptionGroup var known: LabelOptions

  /// As jobs take them.
  ///
  /// - Parameter seed: of a sample that has none of its own.
  func files(seed: Int) -> ImageFiles { known.files(images, subset, seed: seed) }
}

/// What is known of images: their classes and objects.
struct LabelOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "A CSV with the columns path,label, or folder: the first folder of an image's path is its class.",
      valueName: "file|folder"), completion: .file())
  var labels: String?

  @Option(
    help: ArgumentHelp(
      "Names of the classes: a line a class with its label and its name (ImageNet's LOC_synset_mapping.txt), or JSON.",
      valueName: "file"), completion: .file())
  var classes: String?

  @Option(
    help: ArgumentHelp(
      "A COCO instances JSON: classes, boxes, masks; labels, where each image has objects of one category.",
      valueName: "file"), completion: .file())
  var annotations: String?

  /// As jobs take them.
  func files(_ folder: String, _ subset: SubsetOptions, seed: Int) -> ImageFiles {
    ImageFiles(
      folder, taking: subset.subset(seed: seed), labels: labels.map(LabelSource.init), classNames: classes,
      annotations: annotations)
  }
}
