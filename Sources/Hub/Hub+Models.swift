import Formats
import Foundation

/// Which files of a model are fetched.
extension Hub {
  private static let configuration = "config.json"
  /// How images become inputs; in the order in which they are looked for.
  private static let processors = ["preprocessor_config.json", "processor_config.json"]
  private static let weights = "model.safetensors"
  private static let index = "model.safetensors.index.json"

  /// A model in the cache: its configuration, its preprocessing and its weights as safetensors, whole or in shards. What is not there is
  /// fetched. A branch is looked up in the Hub each time.
  ///
  /// - Parameter mayBeOld: where the Hub cannot be reached, the commit that was fetched last stands in, with a note.
  /// - Throws: ``HubError``.
  public func model(_ repository: HubRepository, mayBeOld: Bool = true) throws -> Fetched {
    if settings.offline != nil { return try offline(repository) }
    let commit: String
    do {
      // Where there is an older commit to work with, nobody waits for a network that is not there.
      commit = try lookUp(repository, isOptional: mayBeOld && cachedModel(repository) != nil)
    } catch let error as HubError where error.kind == .unreachable && mayBeOld && cachedModel(repository) != nil {
      reporter.note("\(error); \(repository) is taken from the cache as it was fetched last")
      return try offline(repository)
    }
    let pinned = repository.at(commit: commit)
    var files: [File] = []
    for name in [Hub.configuration] + Hub.processors { files += try file(name, of: pinned).map { [$0] } ?? [] }
    if let whole = try file(Hub.weights, of: pinned) {
      files.append(whole)
    } else if let list = try file(Hub.index, of: pinned) {
      files.append(list)
      for shard in try shards(pinned) {
        guard let part = try file(shard, of: pinned) else {
          throw HubError(
            .damaged, "\(pinned): \(Hub.index) names \(shard), which is not there; the repository is not whole")
        }
        files.append(part)
      }
    } else {
      files += try others(pinned)
    }
    try cache.point(repository, to: commit)
    return Fetched(
      repository: repository, commit: commit, folder: cache.snapshot(repository, commit: commit), files: files)
  }

  /// The commit that a revision stands for now.
  private func lookUp(_ repository: HubRepository, isOptional: Bool) throws -> String {
    if repository.isPinned {
      // What the cache does not know yet is asked for now, so that a Hub that cannot be reached is seen here.
      let commit = repository.revision
      for name in Hub.processors where isOptional && !cache.holds(name, of: repository, commit: commit) {
        if cache.lacks(name, of: repository, commit: commit) { continue }
        _ = try metadata(name, of: repository, isOptional: true)
      }
      return repository.revision
    }
    let connection = try connection()
    if let metadata = try metadata(Hub.configuration, of: repository, isOptional: isOptional) { return metadata.commit }
    // A model without a configuration: any file would do, but none is known.
    return try listing(repository, connection).commit
  }

  /// Names of the shards of an index that is in the cache.
  private func shards(_ pinned: HubRepository) throws -> [String] {
    let path = cache.path(Hub.index, of: pinned, commit: pinned.revision)
    let failure: JSONObject.Failure = { HubError(.damaged, "\($0); it is not an index of shards") }
    let object = try JSONObject(parsing: [UInt8](SmallFile.data(path, largest: 64 << 20)), file: path, failure: failure)
    let map = try object.required("weight_map", object.object("weight_map"))
    let names = Set(try map.keys.compactMap { try map.string($0) })
    for name in names where name.contains("/") || !HubRepository.isRelativePath(name) || !name.hasSuffix(".safetensors")
    {
      throw HubError(.damaged, "\(path): the shard '\(name)' is not a safetensors file of the same folder")
    }
    return names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
  }

  /// The safetensors files of a model without `model.safetensors`.
  ///
  /// - Throws: ``HubError`` with the way out where there are none.
  private func others(_ pinned: HubRepository) throws -> [File] {
    let names = try listing(pinned, connection()).files
    let chosen = names.filter { $0.hasSuffix(".safetensors") && !$0.contains("/") }
    guard chosen.isEmpty else { return try chosen.compactMap { try file($0, of: pinned) } }
    let endings = [".bin", ".pt", ".pth", ".ckpt", ".h5", ".msgpack", ".onnx", ".npz", ".pkl", ".safetensors"]
    let found = names.filter { name in endings.contains { name.hasSuffix($0) } }
    let name = pinned.name
    let below = found.filter { $0.hasSuffix(".safetensors") }
    guard below.isEmpty else {
      throw HubError(
        .unusable,
        "\(name): its safetensors files lie in folders (\(below.prefix(3).joined(separator: ", "))), so it is no single model; fetch "
          + "the folder by other means and give it")
    }
    guard !found.isEmpty else {
      throw HubError(
        .unusable, "\(name): there are no weights in it (no model.safetensors); see \(settings.endpoint)/\(name)")
    }
    throw HubError(
      .unusable,
      "\(name): its weights are only \(found.prefix(4).joined(separator: ", ")), which is never opened, for it can run programs; look for "
        + "a revision with safetensors (\(settings.endpoint)/\(name)/discussions, then \(name)@refs/pr/N), or load the model in Python "
        + "and write it with save_pretrained, and give that folder")
  }

  // MARK: Without the network

  /// The snapshot of a revision, where it has configuration and weights; nil elsewhere.
  private func cachedModel(_ repository: HubRepository) -> String? {
    guard let commit = cache.commit(of: repository), missing(repository, commit) == nil else { return nil }
    return commit
  }

  /// The file that a snapshot lacks to be a model.
  private func missing(_ repository: HubRepository, _ commit: String) -> String? {
    let holds = { self.cache.holds($0, of: repository, commit: commit) }
    guard holds(Hub.configuration) else { return Hub.configuration }
    if holds(Hub.weights) { return nil }
    guard holds(Hub.index) else {
      let names =
        (try? FileManager.default.contentsOfDirectory(atPath: cache.snapshot(repository, commit: commit))) ?? []
      return names.contains { $0.hasSuffix(".safetensors") && holds($0) } ? nil : Hub.weights
    }
    return ((try? shards(repository.at(commit: commit))) ?? [Hub.index]).first { !holds($0) }
  }

  private func offline(_ repository: HubRepository) throws -> Fetched {
    let reason = settings.offline.map { "\($0) forbids the network" } ?? "the Hub cannot be reached"
    let fetch = "fetch it where there is a network: palimpsest fetch \(repository)"
    guard let commit = cache.commit(of: repository), HubCache.isFolder(cache.snapshot(repository, commit: commit))
    else {
      let known = cache.references(of: repository)
      let others = known.isEmpty ? "" : ", only revision \(known.joined(separator: ", "))"
      throw HubError(
        .offline,
        "\(repository) is not in the cache \(settings.cache)\(others)\(HubNames.suggestion(repository, nil, cache: cache)), and "
          + "\(reason); \(fetch)")
    }
    let folder = cache.snapshot(repository, commit: commit)
    if let file = missing(repository, commit) {
      throw HubError(
        .offline, "\(repository) is not whole in the cache: \(folder) lacks \(file), and \(reason); \(fetch)")
    }
    if !Hub.processors.contains(where: { cache.holds($0, of: repository, commit: commit) }),
      !cache.lacks(Hub.processors[0], of: repository, commit: commit)
    {
      reporter.note(
        "\(repository): whether it has a \(Hub.processors[0]) is not known in the cache, and \(reason); without one the preprocessing "
          + "is its library's default. To be sure, \(fetch)")
    }
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    let files = names.sorted().compactMap { name in
      HubCache.size("\(folder)/\(name)").map { File(path: name, bytes: $0, isNew: false) }
    }
    return Fetched(repository: repository, commit: commit, folder: folder, files: files)
  }
}
