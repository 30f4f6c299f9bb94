import Foundation
import TestSupport
import Testing

/// The built program, run as a user runs it.
enum Program {
  struct Missing: Error, CustomStringConvertible {
    let description: String
  }

  /// The binary in the build folder that holds these tests.
  static let path: Result<String, Missing> = {
    var folder = (Bundle.main.executableURL ?? URL(fileURLWithPath: CommandLine.arguments[0]))
      .resolvingSymlinksInPath().deletingLastPathComponent()
    let start = folder.path
    while folder.path != "/" {
      let candidate = folder.appendingPathComponent("palimpsest").path
      var isDirectory: ObjCBool = false
      if FileManager.default.fileExists(atPath: candidate, isDirectory: &isDirectory), !isDirectory.boolValue {
        return .success(candidate)
      }
      folder.deleteLastPathComponent()
    }
    return .failure(
      Missing(description: "no palimpsest in or above \(start); run swift build first"))
  }()

  /// The small checkpoints of `Tests/Fixtures`.
  static let fixtures = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().appendingPathComponent("Fixtures/checkpoints").path

  /// The small trained models of the demo.
  static let zoo = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent("notebooks-data/zoo").path

  /// Starts the program in `folder`; its output goes to the files `output` and `error`.
  static func start(
    _ arguments: [String], in folder: String, output: String, error: String, program: String? = nil
  ) throws -> pid_t {
    let program = try program ?? path.get()
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
    posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, output, O_WRONLY | O_CREAT | O_TRUNC, 0o644)
    posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, error, O_WRONLY | O_CREAT | O_TRUNC, 0o644)
    // The shell only goes to the folder and becomes the program.
    let words = ["/bin/sh", "-c", "cd \"$0\" && exec \"$@\"", folder, program] + arguments
    var texts: [UnsafeMutablePointer<CChar>?] = words.map { strdup($0) } + [nil]
    let environment = ProcessInfo.processInfo.environment.map { "\($0)=\($1)" }
    var variables: [UnsafeMutablePointer<CChar>?] = environment.map { strdup($0) } + [nil]
    defer { for text in texts + variables { free(text) } }
    // Threads of the test runner may block signals, which a child would inherit.
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    var none = sigset_t()
    sigemptyset(&none)
    posix_spawnattr_setsigmask(&attributes, &none)
    posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK))
    var identifier: pid_t = 0
    let status = posix_spawn(&identifier, "/bin/sh", &actions, &attributes, &texts, &variables)
    guard status == 0 else { throw Missing(description: "\(program): \(String(cString: strerror(status)))") }
    return identifier
  }

  /// Waits for the program to end: its exit status, or 128 and the signal that ended it.
  static func wait(for identifier: pid_t) -> Int32 {
    var status: Int32 = 0
    while waitpid(identifier, &status, 0) < 0 && errno == EINTR {}
    let signal = status & 0x7F
    return signal == 0 ? (status >> 8) & 0xFF : 128 + signal
  }

  /// Whether the program has ended; it must be waited for once only, by one of the two.
  static func hasEnded(_ identifier: pid_t) -> Bool {
    var information = siginfo_t()
    return waitid(P_PID, id_t(identifier), &information, WEXITED | WNOHANG | WNOWAIT) == 0
      && information.si_signo == SIGCHLD
  }
}

/// What a run of the program said.
struct Outcome {
  let status: Int32
  let output: String
  let error: String

  /// The object printed by `--json`; nil where standard output holds anything else.
  var json: [String: Any]? {
    (try? JSONSerialization.jsonObject(with: Data(output.utf8))) as? [String: Any]
  }
}

/// A fresh folder in which the program is run; removed with the value.
final class Workspace {
  private let temporary: TemporaryFolder
  var folder: String { temporary.path }

  init() throws { temporary = try TemporaryFolder() }

  func path(_ name: String) -> String { temporary.path(name) }

  func exists(_ name: String) -> Bool { temporary.exists(name) }

  @discardableResult
  func makeFolder(_ name: String) throws -> String {
    try FileManager.default.createDirectory(atPath: path(name), withIntermediateDirectories: true)
    return name
  }

  func write(_ bytes: [UInt8], to name: String) throws {
    try Data(bytes).write(to: URL(fileURLWithPath: path(name)))
  }

  func write(_ text: String, to name: String) throws { try write(Array(text.utf8), to: name) }

  func bytes(of name: String) throws -> [UInt8] { Array(try Data(contentsOf: URL(fileURLWithPath: path(name)))) }

  func text(of name: String) throws -> String { String(decoding: try bytes(of: name), as: UTF8.self) }

  /// The fields of a CSV file without quotes, line by line.
  func table(_ name: String) throws -> [[String]] {
    try text(of: name).split(separator: "\n").map { line in
      line.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    }
  }

  func copy(_ source: String, to name: String) throws {
    try FileManager.default.copyItem(atPath: source, toPath: path(name))
  }

  /// A copy of a fixture's checkpoint.
  @discardableResult
  func copyModel(_ fixture: String, to name: String) throws -> String {
    try copy(Program.fixtures + "/" + fixture, to: name)
    return name
  }

  /// Runs the program here. Where this folder and the fixtures lie is replaced by `HERE` and `FIXTURES`, so that sentences
  /// can be compared.
  func run(_ arguments: String..., program: String? = nil) throws -> Outcome { try run(arguments, program: program) }

  func run(_ arguments: [String], program: String? = nil) throws -> Outcome {
    let tag = UUID().uuidString
    let output = path(".\(tag).output")
    let error = path(".\(tag).error")
    let identifier = try Program.start(arguments, in: folder, output: output, error: error, program: program)
    let status = Program.wait(for: identifier)
    defer {
      unlink(output)
      unlink(error)
    }
    return Outcome(status: status, output: read(output), error: read(error))
  }

  private func read(_ path: String) -> String {
    let text = (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
    return text.replacingOccurrences(of: folder, with: "HERE")
      .replacingOccurrences(of: Program.fixtures, with: "FIXTURES")
  }

  /// Small drawn images in `name/images`.
  func drawImages(_ count: Int, in name: String = "scenes", seed: Int = 3, size: String = "64x64") throws {
    let outcome = try run(
      "scenes", "--count", "\(count)", "--size", size, "--seed", "\(seed)", "--out", name, "--quiet")
    guard outcome.status == 0 else { throw Program.Missing(description: outcome.error) }
  }

  /// Extracts with the small ViT; fails the test where that fails.
  @discardableResult
  func extract(
    _ more: String..., images: String, model: String = "timm-vit", to store: String
  ) throws -> Outcome {
    let outcome = try run(
      ["extract", "--model", Program.fixtures + "/" + model, "--images", images, "--out", store] + more)
    #expect(outcome.status == 0, "\(outcome.error)")
    return outcome
  }

  /// Trains inverses of a model and reconstructs the images they were trained on; fails the test where one of both fails.
  ///
  /// - Parameters:
  ///   - model: Its path; the small ViT of the fixtures where none is given.
  ///   - training: More flags of `train`.
  ///   - common: More flags of both.
  ///   - more: More flags of `reconstruct`.
  func trainAndReconstruct(
    model: String? = nil, images: String = "scenes/images", training: [String] = ["--inverse", "ridge"],
    inverse: String = "inverse", to store: String = "back.h5", common: [String] = [], _ more: [String] = []
  ) throws {
    let model = model ?? Program.fixtures + "/timm-vit"
    let common = ["--model", model, "--images", images, "--quiet", "--threads", "1"] + common
    let trained = try run(["train", "--out", inverse] + training + common)
    #expect(trained.status == 0, "\(trained.error)")
    let back = try run(["reconstruct", "--inverse", inverse, "--out", store] + common + more)
    #expect(back.status == 0, "\(back.error)")
  }
}

/// The images of a fixture.
func images(of fixture: String) -> String { "\(Program.fixtures)/\(fixture)/images" }
