import ArgumentParser
import Figures
import FiguresCairo
import Foundation
import Pipelines

/// The folder with page templates and figure styles.
struct TemplateOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp("A folder like templates/, to change pages and styles.", valueName: "dir"),
    completion: .directory)
  var templates: String?

  /// The user's folder, else the one that came with the program.
  func folder() throws -> URL { try ShippedResources.templates(templates) }
}

/// What an author sets of figures.
struct SettingOptions: ParsableArguments {
  @Option(help: ArgumentHelp("Set a figure: docs/figure-settings.md lists keys.", valueName: "key=value"))
  var set: [String] = []
}

/// Help on figure styles: their folder is the list of them.
enum StyleHelp {
  static let names = (try? ShippedResources.templates(nil)).map { FigureStyle.available(templates: $0) } ?? []

  /// - Parameter purpose: what the style is for, such as `The venue`.
  static func text(_ purpose: String) -> ArgumentHelp {
    ArgumentHelp("\(purpose): \((names + ["or the path of a style file"]).joined(separator: ", ")).")
  }
}
