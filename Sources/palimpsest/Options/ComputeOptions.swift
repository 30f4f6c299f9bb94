import ArgumentParser
import Foundation
import Pipelines
import Results
import Torch

/// The machine a command computes on.
struct ComputeOptions: ParsableArguments {
  @Option(
    help: "Where to compute: auto, cpu, cuda (or cuda:1, the second one) or mps.",
    completion: .list(["auto"] + Device.Kind.allCases.map(\.rawValue)))
  var device = "auto"

  @Option(help: "How many CPU threads to use (default: every core that the process may use).")
  var threads: Int?

  /// How many threads read, convert and measure.
  var workers: Int { threads ?? Host.cores }

  /// Checks the options and sets libtorch up with them.
  func prepare() throws -> Device {
    try TorchLibrary.load()
    if let threads {
      if let problem = CountRange.problem(threads, in: CountRange.threads) {
        throw BadInput("--threads is \(threads); \(problem)")
      }
      Runtime.threads = threads
    } else {
      Runtime.threads = Host.cores
    }
    // A quarter of the memory at most is kept for the next tensors.
    Runtime.keepFreedMemory(limit: min(4 << 30, Int(clamping: ProcessInfo.processInfo.physicalMemory / 4)))
    let chosen = try chosenDevice()
    try chosen.prepare()
    return chosen
  }

  /// Of several processes of a machine each takes another of its devices, unless one is named.
  private func share(of device: Device) -> Device {
    guard device.kind == .cuda, device.index < 0,
      let index = LocalRank.device(of: Device.count(.cuda), ProcessInfo.processInfo.environment)
    else { return device }
    return Device(.cuda, index: index)
  }

  private func chosenDevice() throws -> Device {
    if device == "auto" { return share(of: .best) }
    guard let chosen = Device(device).map(share) else {
      throw BadInput("--device is '\(device)'; give auto, cpu, cuda, cuda:N or mps")
    }
    guard chosen.isAvailable else {
      let count = Device.count(chosen.kind)
      throw BadInput(
        count == 0
          ? "--device \(device) is not available here: this libtorch or machine has none; "
            + "palimpsest setup --cuda gets a libtorch with CUDA, or use --device cpu"
          : "--device \(device) is not available here: this machine has \(chosen.kind):0"
            + (count > 1 ? " to \(chosen.kind):\(count - 1)" : ""))
    }
    return chosen
  }
}
