import Formats
import Foundation

/// Where the files that come with Palimpsest are.
public enum ShippedResources {
  /// The folder with page templates and figure styles: the user's, else the one that came with the program.
  public static func templates(_ given: String?) throws -> URL {
    if let given {
      guard FileManager.default.fileExists(atPath: given + "/report") else {
        throw BadInput("--templates \(given): there is no folder 'report' in it; copy templates/ and change the copy")
      }
      return URL(fileURLWithPath: given)
    }
    return try shipped("templates", holding: "report")
  }

  /// The small models of the demo.
  public static func zoo() throws -> URL { try shipped("notebooks-data/zoo", holding: "vit") }

  /// The experiment of the demo.
  public static func demo() throws -> URL {
    try shipped("notebooks-data/demo", holding: "experiment.yaml").appendingPathComponent("experiment.yaml")
  }

  /// The study of the paper, with what is not known of its protocol as choices.
  public static func paper() throws -> URL {
    try shipped("notebooks-data/paper", holding: "experiment.yaml").appendingPathComponent("experiment.yaml")
  }

  /// What every number means.
  public static func definitions() throws -> URL {
    try shipped("docs", holding: "definitions.md").appendingPathComponent("definitions.md")
  }

  /// The script that gets libtorch.
  public static func libtorchScript() throws -> URL {
    try shipped("scripts", holding: "libtorch").appendingPathComponent("libtorch")
  }

  /// The folder of the shipped files: the checkout, or `share/palimpsest` of an installation.
  public static func root() throws -> URL {
    try shipped("templates", holding: "report").deletingLastPathComponent()
  }

  private static func shipped(_ name: String, holding part: String) throws -> URL {
    if let folder = ShippedFiles.folder(name, holding: part) { return folder }
    throw BadInput(
      "\(name)/ is neither in share/palimpsest above the program nor above the working folder; install the program again, or run it "
        + "inside its checkout")
  }
}
