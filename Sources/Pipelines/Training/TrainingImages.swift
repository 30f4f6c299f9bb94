import Analysis
import Formats
import Foundation
import Inversion
import Results

/// The images of a training, known by what their files hold, and the table of them in its folder.
struct TrainingImages: Sendable {
  /// Images for training or for validation.
  struct Part: Sendable {
    /// The folder or store that they are in.
    let place: String
    let paths: [String]
    /// What each file is known by, nil where that is not known; empty where it is of none.
    let contents: [ContentIdentity?]

    private var digests: ImageDigests { ImageDigests(paths: paths, contents: contents) }

    /// Over the images' paths and contents; over their paths alone where the contents are not known.
    var sha256: String { digests.contents ?? digests.paths }

    /// Over the images' paths; nil where ``sha256`` is that already.
    var pathsSHA256: String? { digests.contents == nil ? nil : digests.paths }
  }

  let training: Part
  let validation: Part?

  /// Records in a plan which images they are.
  func record(in plan: inout TrainingPlan) {
    plan.imagesSHA256 = training.sha256
    plan.imagePathsSHA256 = training.pathsSHA256
    plan.validationSHA256 = validation?.sha256
    plan.validationPathsSHA256 = validation?.pathsSHA256
  }

  /// Writes `images.csv`, whole or not at all.
  ///
  /// - Throws: `AnalysisError` where it cannot be written.
  func write(to folder: InverseFolder) throws {
    var table = TidyTable(.trainingImages)
    for (split, part) in parts {
      for (row, path) in part.paths.enumerated() {
        table.append([.text(split), .text(path), .text(content(row, of: part))])
      }
    }
    try table.write(to: url(of: folder).path)
  }

  /// Finds the first image that is not one of the training that a folder holds.
  ///
  /// - Returns: the place of the images and the first that differs; nil where all are those of the training, and where the
  ///   folder does not say.
  func firstDifference(from folder: InverseFolder) -> (place: String, path: String)? {
    guard let data = FileManager.default.contents(atPath: url(of: folder).path),
      let records = try? CommaSeparatedValues.records(of: [UInt8](data)),
      records.first?.fields == TableDefinition.trainingImages.header
    else { return nil }
    let saved = records.dropFirst().map(\.fields)
    for (split, part) in parts {
      let own = saved.filter { $0.first == split }
      for (row, path) in part.paths.enumerated() {
        guard own.indices.contains(row) else { return (part.place, path) }
        let content = content(row, of: part)
        let isSame = own[row][1] == path && (own[row][2] == content || own[row][2].isEmpty || content.isEmpty)
        if !isSame { return (part.place, path) }
      }
    }
    return nil
  }

  private var parts: [(split: String, part: Part)] {
    [("train", training)] + (validation.map { [("validation", $0)] } ?? [])
  }

  private func content(_ row: Int, of part: Part) -> String {
    part.contents.indices.contains(row) ? part.contents[row]?.description ?? "" : ""
  }

  private func url(of folder: InverseFolder) -> URL {
    folder.url.appendingPathComponent(TableDefinition.trainingImages.file)
  }
}

extension TrainingPlan {
  /// The plan as one of an earlier version recorded it, which knew images by their names alone.
  func recorded(as saved: TrainingPlan) -> TrainingPlan {
    var plan = self
    // The same weights by another way.
    if checkpointSHA256 == saved.checkpointSHA256 { plan.modelSource = saved.modelSource }
    if saved.imagePathsSHA256 == nil, let paths = imagePathsSHA256 {
      plan.imagesSHA256 = paths
      plan.imagePathsSHA256 = nil
    }
    if saved.validationPathsSHA256 == nil, let paths = validationPathsSHA256 {
      plan.validationSHA256 = paths
      plan.validationPathsSHA256 = nil
    }
    return plan
  }

  /// Whether the images are the same as far as the two plans record them.
  func hasImages(of other: TrainingPlan) -> Bool {
    imagesSHA256 == other.imagesSHA256 && validationSHA256 == other.validationSHA256
  }
}
