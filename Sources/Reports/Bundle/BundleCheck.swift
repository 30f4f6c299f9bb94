import Formats
import Foundation

/// Whether a bundle is whole and holds what it says.
public struct BundleCheck: Sendable {
  public private(set) var files = 0
  /// Unpacked.
  public private(set) var bytes = 0
  /// One sentence each, beginning with the entry's name; none where the bundle is whole.
  public private(set) var problems: [String] = []

  public var passes: Bool { problems.isEmpty }

  /// Files every bundle has.
  static let needed = [CrateMetadata.name, CitationFile.name, BundleSums.name, "README.md", "report/index.html"]

  /// Reads every file of the bundle once, in pieces.
  /// - Parameter update: gets how many bytes were read.
  /// - Throws: `BundleError` if there is no zip at all.
  public init(_ bundle: BundleFile, update: (Int) throws -> Void = { _ in }) throws {
    problems = bundle.problems
    guard problems.isEmpty else { return }
    files = bundle.entries.count
    let names = Set(bundle.entries.map(\.name))
    problems += Self.needed.filter { !names.contains($0) }.map { "\($0): is missing" }
    var found: [String: String] = [:]
    var damaged: Set<String> = []
    do {
      try bundle.visit { entry, read in
        var digest = ContentDigest()
        do {
          try read { piece in
            digest.update(piece)
            bytes += piece.count
          }
          try update(bytes)
          found[entry.name] = digest.hexadecimal
        } catch let error as BundleError {
          damaged.insert(entry.name)
          problems.append(error.description)
        }
      }
    } catch let error as BundleError {
      problems.append(error.description)
      return
    }
    do {
      if let data = try bundle.contents(of: BundleSums.name) {
        compare(found, with: try BundleSums(parsing: data).sums, damaged: damaged)
      }
      if let data = try bundle.contents(of: CrateMetadata.name) {
        try compare(found, withCrate: data, damaged: damaged)
      }
    } catch let error as BundleError {
      problems.append(error.description)
    }
  }

  private mutating func compare(_ found: [String: String], with sums: [String: String], damaged: Set<String>) {
    for name in sums.keys.sorted(by: EntryName.precedes) where !damaged.contains(name) {
      guard let hash = found[name] else {
        problems.append("\(name): is missing")
        continue
      }
      if hash != sums[name] { problems.append("\(name): was altered: its SHA-256 is not that in \(BundleSums.name)") }
    }
    for name in found.keys.sorted(by: EntryName.precedes) where sums[name] == nil && name != BundleSums.name {
      problems.append("\(name): is not in \(BundleSums.name): it was added, or is not part of the bundle")
    }
  }

  /// What the metadata say of files: their hashes, and that every file is described.
  private mutating func compare(
    _ found: [String: String], withCrate data: Data, damaged: Set<String>
  ) throws {
    struct Crate: Decodable {
      struct Entity: Decodable {
        let identifier: String
        let sha256: String?
        let contentSize: String?

        enum CodingKeys: String, CodingKey {
          case identifier = "@id"
          case sha256, contentSize
        }
      }

      let graph: [Entity]

      enum CodingKeys: String, CodingKey { case graph = "@graph" }
    }
    guard let crate = try? JSONDecoder().decode(Crate.self, from: data) else {
      problems.append("\(CrateMetadata.name): is no RO-Crate")
      return
    }
    var described: Set<String> = []
    for entity in crate.graph where !entity.identifier.hasPrefix("#") {
      guard let name = entity.identifier.removingPercentEncoding, let sha256 = entity.sha256 else { continue }
      described.insert(name)
      if let hash = found[name], hash != sha256 {
        problems.append("\(name): its SHA-256 is not that in \(CrateMetadata.name)")
      } else if found[name] == nil, !damaged.contains(name) {
        problems.append("\(name): \(CrateMetadata.name) describes it, but it is missing")
      }
    }
    let own = [CrateMetadata.name, BundleSums.name]
    for name in found.keys.sorted(by: EntryName.precedes) where !own.contains(name) && !described.contains(name) {
      problems.append("\(name): \(CrateMetadata.name) does not describe it")
    }
  }
}
