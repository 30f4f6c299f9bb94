import Figures
import FiguresCairo
import Formats
import Foundation
import Hub
import Torch

/// Looks at what is installed, what is slow on this machine and what mends it.
public struct HealthCheck: Sendable {
  public enum Grade: String, Encodable, Sendable {
    case good, note, bad
  }

  /// One thing that was looked at.
  public struct Finding: Encodable, Sendable, Equatable {
    public let name: String
    public let grade: Grade
    public let text: String
    /// What to do; nil where nothing has to be done.
    public let remedy: String?

    init(_ name: String, _ grade: Grade, _ text: String, remedy: String? = nil) {
      self.name = name
      self.grade = grade
      self.text = text
      self.remedy = remedy
    }
  }

  public struct Summary: Encodable, Sendable {
    public let findings: [Finding]
    public let isWell: Bool
  }

  /// Where stores and results would be written: the speed of its disk is measured.
  let folder: String

  public init(folder: String) { self.folder = folder }

  /// Takes a few seconds: a matrix product and 64 MiB written and removed again.
  public func run(_ reporter: JobReporter) throws -> Summary {
    var findings: [Finding] = []
    let checks: [() throws -> [Finding]] = [
      program, libtorch, processor, memory, disk, fonts, hub,
    ]
    for check in checks {
      if reporter.isCancelled() { throw Interrupted.startingAgain }
      let found = try check()
      for finding in found { reporter.say(HealthCheck.line(finding)) }
      findings += found
    }
    return Summary(findings: findings, isWell: !findings.contains { $0.grade == .bad })
  }

  static func line(_ finding: Finding) -> String {
    let mark =
      switch finding.grade {
      case .good: "ok  "
      case .note: "note"
      case .bad: "BAD "
      }
    return "\(mark) \(finding.name): \(finding.text)" + (finding.remedy.map { "\n     → \($0)" } ?? "")
  }

  // MARK: What is installed

  private func program() -> [Finding] {
    let here = Installation.current
    let libraries = here.libraries.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }.joined(separator: ", ")
    guard let files = here.files else {
      return [
        Finding(
          "program", .bad, "\(Version.text), without its templates and documents", remedy: "install the program again")
      ]
    }
    return [Finding("program", .good, "\(Version.text), \(libraries); its files are in \(files)")]
  }

  private func libtorch() throws -> [Finding] {
    let here = Installation.current
    do { try TorchLibrary.load() } catch let error as TorchLibrary.Missing {
      return [Finding("libtorch", .bad, error.description, remedy: "palimpsest setup")]
    }
    let place = here.torch.folder.map { " in \($0)" } ?? ""
    let devices = [Device.Kind.cuda, .mps].compactMap { kind -> String? in
      let count = Device.count(kind)
      return count > 0 ? "\(count) \(kind.rawValue)" : nil
    }
    let text = "\(here.torch.version ?? Tensor.libtorchVersion)\(place), computes on "
    if devices.isEmpty, !here.gpus.isEmpty {
      return [
        Finding(
          "libtorch", .note, text + "the CPU alone, and there is \(here.gpus.joined(separator: ", "))",
          remedy: here.torch.hasCUDA
            ? "the driver may be too old for this libtorch: compare nvidia-smi" : "palimpsest setup --cuda")
      ]
    }
    return [Finding("libtorch", .good, text + (["the CPU"] + devices).joined(separator: ", "))]
  }

  private func fonts() throws -> [Finding] {
    let templates = try ShippedResources.templates(nil)
    var missing: [String: [String]] = [:]
    for name in FigureStyle.available(templates: templates) {
      let families = try FigureStyle.named(name, templates: templates).fontFamilies
      let setter = try? PangoTypesetter(families: families)
      if setter?.warning != nil || setter == nil { missing[families.first ?? "", default: []].append(name) }
    }
    guard !missing.isEmpty else { return [Finding("fonts", .good, "those of every style are installed")] }
    let list = missing.sorted { $0.key < $1.key }.map { "\($0.key) (\($0.value.joined(separator: ", ")))" }
    return [
      Finding(
        "fonts", .note, "not installed, and replaced by others: \(list.joined(separator: "; "))",
        remedy: "install fonts-liberation and fonts-stix (Debian's names), or put the files into ~/.local/share/fonts")
    ]
  }

  private func hub() -> [Finding] {
    let settings = HubSettings.environment
    let offline = settings.offline.map { ", no network (\($0))" } ?? ""
    let token = settings.token.map { ", a token from \($0.source)" } ?? ", no token (only gated models need one)"
    var folder = settings.cache
    while !FileManager.default.fileExists(atPath: folder), folder != FilePath.folder(of: folder) {
      folder = FilePath.folder(of: folder)
    }
    guard FileManager.default.isWritableFile(atPath: folder) else {
      return [
        Finding(
          "hub", .note, "models cannot be kept in \(settings.cache), which cannot be written",
          remedy: "set HF_HOME to a folder that can")
      ]
    }
    return [Finding("hub", .good, "models are kept in \(settings.cache)\(token)\(offline)")]
  }
}
