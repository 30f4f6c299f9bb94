import Foundation
import Torch

/// The machine and the process, as provenance records them.
public enum Host {
  public static var operatingSystem: String { ProcessInfo.processInfo.operatingSystemVersionString }
  /// How many this process may use: what Slurm gave it, else its mask and control groups allow.
  public static let cores = GrantedCores.count(
    ProcessInfo.processInfo.environment, present: ProcessInfo.processInfo.activeProcessorCount,
    read: { try? String(contentsOfFile: $0, encoding: .utf8) })
  public static var memoryBytes: Int { Int(clamping: ProcessInfo.processInfo.physicalMemory) }

  /// The processor's own name, or the architecture where it tells none.
  public static var processor: String {
    let text = (try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8)) ?? ""
    for line in text.split(separator: "\n") where line.hasPrefix("model name") {
      if let name = line.split(separator: ":", maxSplits: 1).last { return name.trimmingCharacters(in: .whitespaces) }
    }
    #if arch(x86_64)
      return "x86_64"
    #elseif arch(arm64)
      return "arm64"
    #else
      return "unknown"
    #endif
  }

  /// The most memory the process had in RAM, in bytes.
  public static var peakResidentBytes: Int {
    var usage = rusage()
    guard getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage) == 0 else { return 0 }
    return usage.ru_maxrss * 1024
  }

  /// Date and time in UTC, ISO 8601.
  public static var timestamp: String { Date().formatted(.iso8601) }
}
