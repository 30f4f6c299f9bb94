import Formats
import Foundation

/// How many cores a process may use, which on a shared machine are fewer than the machine has.
package enum GrantedCores {
  /// What Slurm was asked for a task, else the smallest of the mask of cores that the process may run on and the limits of its
  /// control groups; of that the share of one process, where torchrun started several on the machine.
  ///
  /// - Parameters:
  ///   - present: cores of the machine.
  ///   - read: the text of a file below `/proc` and `/sys`; nil where there is none.
  package static func count(_ environment: [String: String], present: Int, read: (String) -> String?) -> Int {
    func number(_ name: String) -> Int? { environment[name].flatMap { Int($0) }.flatMap { $0 > 0 ? $0 : nil } }
    if let asked = number("SLURM_CPUS_PER_TASK") { return asked }
    let masked = allowed(read) ?? present
    let limit = min(masked, groupLimit(read) ?? masked)
    return max(1, limit / (number("LOCAL_WORLD_SIZE") ?? 1))
  }

  /// The cores of the mask that the process may run on, `Cpus_allowed_list: 0-3,8`; nil where the system tells none.
  private static func allowed(_ read: (String) -> String?) -> Int? {
    let lines = (read("/proc/self/status") ?? "").split(separator: "\n")
    guard let list = lines.first(where: { $0.hasPrefix("Cpus_allowed_list:") })?.split(separator: ":").last else {
      return nil
    }
    let count = list.split(separator: ",").reduce(0) { sum, range in
      let ends = range.split(separator: "-").compactMap { Int($0.trimmingCharacters(in: .whitespaces)) }
      guard let first = ends.first, let last = ends.last, last >= first else { return sum }
      return sum + last - first + 1
    }
    return count > 0 ? count : nil
  }

  /// Whole cores' worth of time that the control groups of the process grant; nil where none limits it.
  private static func groupLimit(_ read: (String) -> String?) -> Int? {
    var limits: [Double] = []
    for line in (read("/proc/self/cgroup") ?? "").split(separator: "\n") {
      // `0::/path` of version 2, `4:cpu,cpuacct:/path` of version 1.
      let fields = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false).map(String.init)
      guard fields.count == 3 else { continue }
      let isUnified = fields[0] == "0" && fields[1].isEmpty
      guard isUnified || fields[1].split(separator: ",").contains("cpu") else { continue }
      let root = isUnified ? "/sys/fs/cgroup" : "/sys/fs/cgroup/" + fields[1]
      // A group is limited by those above it too; in a container the path is sometimes that outside.
      var path = fields[2] == "/" ? "" : fields[2]
      while true {
        limits += limit(isUnified, root + path, read).map { [$0] } ?? []
        guard let slash = path.lastIndex(of: "/") else { break }
        path = String(path[..<slash])
      }
    }
    return limits.min().map { max(1, Int(saturating: $0.rounded(.up))) }
  }

  private static func limit(_ isUnified: Bool, _ folder: String, _ read: (String) -> String?) -> Double? {
    func numbers(_ name: String) -> [Double] {
      (read(folder + "/" + name) ?? "").split(whereSeparator: \.isWhitespace).compactMap { Double($0) }
    }
    let values = isUnified ? numbers("cpu.max") : numbers("cpu.cfs_quota_us") + numbers("cpu.cfs_period_us")
    guard values.count == 2, values[0] > 0, values[1] > 0 else { return nil }
    return values[0] / values[1]
  }
}
