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

  /// The root of the checkout: above the program, else above the working folder, else where it was built.
  private static func shipped(_ name: String, holding part: String) throws -> URL {
    let program = Bundle.main.executableURL?.resolvingSymlinksInPath().deletingLastPathComponent()
    let working = URL(fileURLWithPath: FileManager.default.currentDirectoryPath)
    let source = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    for start in [program, working, source].compactMap({ $0 }) {
      var folder = start
      while folder.path != "/" {
        let candidate = folder.appendingPathComponent(name)
        if FileManager.default.fileExists(atPath: candidate.appendingPathComponent(part).path) { return candidate }
        folder = folder.deletingLastPathComponent()
      }
    }
    throw BadInput("\(name)/ is not found above the program or the working folder; run palimpsest inside its checkout")
  }
}
