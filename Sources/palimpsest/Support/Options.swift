import ArgumentParser
import Foundation
import Pipelines
import Torch

/// What every command takes.
struct OutputOptions: ParsableArguments {
  @Flag(name: .long, help: "Say nothing but errors.")
  var quiet = false

  @Flag(name: .long, help: "Print a machine-readable summary on standard output.")
  var json = false

  /// Prints a line for people; nothing with --quiet or --json.
  func say(_ line: @autoclosure () -> String) {
    if !quiet && !json { Streams.output(line() + "\n") }
  }

  /// Prints a line for people on standard error, so that it also stands beside --json.
  func note(_ line: @autoclosure () -> String) {
    if !quiet { Streams.error(Streams.oneLine(line()) + "\n") }
  }

  /// Prints `summary` with --json; a step of `run` is part of that command's own.
  func summarize(_ summary: some Encodable) throws {
    guard json, Invocation.step == nil else { return }
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes, .prettyPrinted]
    Streams.output(String(decoding: try encoder.encode(summary), as: UTF8.self) + "\n")
  }
}

/// The machine a command computes on.
struct ComputeOptions: ParsableArguments {
  @Option(name: .long, help: "Where to compute: auto, cpu, cuda (or cuda:1, the second one) or mps.")
  var device = "auto"

  @Option(name: .long, help: "How many CPU threads to use (default: every core).")
  var threads: Int?

  /// How many threads read, convert and measure.
  var workers: Int { threads ?? Host.cores }

  /// Checks the options and sets libtorch up with them.
  func prepare() throws -> Device {
    if let threads {
      guard threads >= 1 else { throw BadInput("--threads is \(threads); give at least 1") }
      Runtime.threads = threads
    } else {
      Runtime.threads = ProcessInfo.processInfo.activeProcessorCount
    }
    // A quarter of the memory at most is kept for the next tensors.
    Runtime.keepFreedMemory(limit: min(4 << 30, Int(clamping: ProcessInfo.processInfo.physicalMemory / 4)))
    let chosen = try chosenDevice()
    try chosen.prepare()
    return chosen
  }

  private func chosenDevice() throws -> Device {
    if device == "auto" { return .best }
    guard let chosen = Device(device) else {
      throw BadInput("--device is '\(device)'; give auto, cpu, cuda, cuda:N or mps")
    }
    guard chosen.isAvailable else {
      let count = Device.count(chosen.kind)
      throw BadInput(
        count == 0
          ? "--device \(device) is not available here: this libtorch or machine has none; "
            + "point LIBTORCH at a build that has it, or use --device cpu"
          : "--device \(device) is not available here: this machine has \(chosen.kind):0"
            + (count > 1 ? " to \(chosen.kind):\(count - 1)" : ""))
    }
    return chosen
  }
}

/// Images and what is known of them.
struct ImageOptions: ParsableArguments {
  @Option(name: .long, help: ArgumentHelp("A folder of JPEG and PNG files.", valueName: "dir"))
  var images: String

  @Option(name: .long, help: ArgumentHelp("Take the first so many images only.", valueName: "n"))
  var limit: Int?

  @Option(name: .long, help: ArgumentHelp("A CSV with the columns path,label.", valueName: "file"))
  var labels: String?

  @Option(name: .long, help: ArgumentHelp("A COCO instances JSON: classes, boxes, masks.", valueName: "file"))
  var annotations: String?

  func validate() throws {
    if let limit, limit < 1 { throw ValidationError("--limit is \(limit); give at least 1") }
  }

  /// As jobs take them.
  var files: ImageFiles { ImageFiles(images, limit: limit, labels: labels, annotations: annotations) }
}
