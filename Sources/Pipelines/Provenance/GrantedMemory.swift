import Foundation

extension Host {
  /// Bytes that the process may take: of the machine's memory what its control group grants (Slurm, containers).
  public static var grantedMemoryBytes: Int {
    let groups = (try? String(contentsOfFile: "/proc/self/cgroup", encoding: .utf8)) ?? ""
    let limits = limits(groups) { try? String(contentsOfFile: $0, encoding: .utf8) }
    return limits.reduce(memoryBytes, min)
  }

  /// What an analysis takes at most where nothing else is said: half of that.
  public static var defaultMemoryBytes: Int { max(1, grantedMemoryBytes / 2) }

  /// Limits of the control groups of a process, of versions 1 and 2: its own and those of all groups above it.
  ///
  /// - Parameters:
  ///   - groups: as in `/proc/self/cgroup`.
  ///   - contents: of a file; nil where there is none.
  package static func limits(_ groups: String, contents: (String) -> String?) -> [Int] {
    groups.split(separator: "\n").flatMap { line -> [Int] in
      let fields = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false).map(String.init)
      guard fields.count == 3 else { return [] }
      let isSecond = fields[1].isEmpty
      guard isSecond || fields[1].split(separator: ",").contains("memory") else { return [] }
      let (root, file) =
        isSecond ? ("/sys/fs/cgroup", "memory.max") : ("/sys/fs/cgroup/memory", "memory.limit_in_bytes")
      var parts = fields[2].split(separator: "/").map(String.init)
      var found: [Int] = []
      while true {
        let path = ([root] + parts + [file]).joined(separator: "/")
        // A group without a limit says "max", or a number beyond any memory.
        if let text = contents(path), let limit = Int(text.trimmingCharacters(in: .whitespacesAndNewlines)), limit > 0 {
          found.append(limit)
        }
        guard !parts.isEmpty else { return found }
        parts.removeLast()
      }
    }
  }
}
