import Formats
import Foundation
import Torch

// MARK: What is slow here

extension HealthCheck {
  /// Cores, the share of them that a container gives, other work, and what a matrix product makes of them.
  func processor() throws -> [Finding] {
    let quota = HealthCheck.processorQuota()
    let share = quota.map { ", of which this container may use \(NumberText.fixed($0, 1))" } ?? ""
    let name = "\(Host.processor), \(Host.cores) \(Host.cores == 1 ? "core" : "cores")\(share)"
    guard (try? TorchLibrary.load()) != nil else { return [Finding("processor", .good, name)] }
    let threads = Runtime.threads
    defer { Runtime.threads = threads }
    let alone = try HealthCheck.productSpeed(threads: 1)
    let all = try HealthCheck.productSpeed(threads: Host.cores)
    let speed =
      "\(name); \(NumberText.fixed(all, 0)) GFLOP/s in float32 with all, \(NumberText.fixed(alone, 0)) with one"
    var load = [0.0]
    let others = getloadavg(&load, 1) == 1 ? load[0] : 0
    if let quota, quota < Double(Host.cores) * 0.9 {
      return [
        Finding(
          "processor", .note, speed,
          remedy: "give --threads \(max(1, Int(quota))): more threads than the share only wait for each other")
      ]
    }
    if Host.cores > 1, all < alone * 1.2 {
      return [
        Finding(
          "processor", .note, "\(speed): more threads bring nothing (load \(NumberText.fixed(others, 1)))",
          remedy: others > Double(Host.cores) / 2
            ? "other work has the cores; wait for it, or give --threads fewer"
            : "compare OMP_NUM_THREADS and what the batch system reserved")
      ]
    }
    return [Finding("processor", .good, speed)]
  }

  /// 10⁹ operations a second of a product of square float32 matrices, the best of five.
  static func productSpeed(threads: Int) throws -> Double {
    let side = 1024
    Runtime.threads = threads
    let left = try Tensor.ones([side, side])
    let right = try Tensor.ones([side, side])
    var best = Double.infinity
    for _ in 0..<6 {
      let watch = Stopwatch()
      _ = try left.matmul(right)
      best = min(best, watch.seconds)
    }
    return 2 * Double(side * side * side) / best / 1e9
  }

  /// How many cores a container's quota amounts to; nil where there is none.
  static func processorQuota(_ path: String = "/sys/fs/cgroup/cpu.max") -> Double? {
    let words = (try? String(contentsOfFile: path, encoding: .utf8))?.split(whereSeparator: \.isWhitespace) ?? []
    guard words.count == 2, let quota = Double(words[0]), let period = Double(words[1]), period > 0 else { return nil }
    return quota / period
  }

  func memory() -> [Finding] {
    let text = (try? String(contentsOfFile: "/proc/meminfo", encoding: .utf8)) ?? ""
    let line = text.split(separator: "\n").first { $0.hasPrefix("MemAvailable:") }
    let limit = (try? String(contentsOfFile: "/sys/fs/cgroup/memory.max", encoding: .utf8))
      .flatMap { Int($0.trimmingCharacters(in: .whitespacesAndNewlines)) }
    guard
      var free = line?.split(whereSeparator: \.isWhitespace).dropFirst().first.flatMap({ Int($0) }).map({ $0 << 10 })
    else { return [] }
    if let limit { free = min(free, limit) }
    let sentence = "\(NumberText.bytes(free)) free of \(NumberText.bytes(min(limit ?? .max, Host.memoryBytes)))"
    guard free < 4 << 30 else { return [Finding("memory", .good, sentence)] }
    return [
      Finding(
        "memory", .note, sentence,
        remedy: "full-size models train in about 8 GiB; give a smaller --batch-size, or extract --tokens mean")
    ]
  }

  /// The room and the speed of the disk of the folder in which the work would be done.
  func disk() throws -> [Finding] {
    let scratch: Scratch
    do { scratch = try Scratch(parent: folder) } catch {
      return [
        Finding(
          "disk", .note, "\(folder) cannot be written, so nothing was measured",
          remedy: "run doctor in the folder in which you want to work")
      ]
    }
    let free = (try? FileManager.default.attributesOfFileSystem(forPath: folder)[.systemFreeSize] as? Int) ?? 0
    let kind = HealthCheck.networkSystem(at: folder)
    let speed = HealthCheck.writingSpeed(scratch.url.appendingPathComponent("speed").path)
    let rate = speed.map { ", \(NumberText.fixed($0, 0)) MB/s written" } ?? ""
    let text = "\(folder): \(NumberText.bytes(free)) free\(rate)\(kind.map { ", on \($0)" } ?? "")"
    if free < 5 << 30 {
      return [
        Finding(
          "disk", .note, text,
          remedy:
            "every tap of ViT-B/16 is 8.5 MB an image; give extract --taps stages, --dtype float16 or --tokens mean")
      ]
    }
    if kind != nil || (speed ?? .infinity) < 100 {
      return [
        Finding(
          "disk", .note, text,
          remedy: "write stores to a local disk (such as $TMPDIR of a batch job) and copy them when done"
        )
      ]
    }
    return [Finding("disk", .good, text)]
  }

  /// 10⁶ bytes a second, until they are on the disk; nil where it cannot be measured.
  private static func writingSpeed(_ path: String) -> Double? {
    let bytes = [UInt8](repeating: 0x5A, count: 1 << 22)
    let pieces = 16
    guard let file = fopen(path, "w") else { return nil }
    defer { fclose(file) }
    let watch = Stopwatch()
    for _ in 0..<pieces where fwrite(bytes, 1, bytes.count, file) != bytes.count { return nil }
    guard fflush(file) == 0, fsync(fileno(file)) == 0 else { return nil }
    return Double(pieces * bytes.count) / watch.seconds / 1e6
  }

  /// The kind of the file system at `path` where it lies behind a network; nil for local ones, and where the system does not tell.
  static func networkSystem(
    at path: String, mounts: String = (try? String(contentsOfFile: "/proc/self/mounts", encoding: .utf8)) ?? ""
  ) -> String? {
    let remote = [
      "nfs", "nfs4", "lustre", "cifs", "smb3", "gpfs", "beegfs", "ceph", "afs", "fuse.sshfs", "fuse.glusterfs", "9p",
    ]
    // Each line: device, place (with \040 for a space), kind, options. The last of the longest places counts.
    let places = mounts.split(separator: "\n").compactMap { line -> (place: String, kind: String)? in
      let fields = line.split(separator: " ")
      guard fields.count > 2 else { return nil }
      return (fields[1].replacingOccurrences(of: "\\040", with: " "), String(fields[2]))
    }
    let above = places.filter { path == $0.place || path.hasPrefix($0.place == "/" ? "/" : $0.place + "/") }
    let longest = above.map(\.place.count).max()
    let kind = above.last { $0.place.count == longest }?.kind
    return kind.flatMap { remote.contains($0) ? $0 : nil }
  }
}
