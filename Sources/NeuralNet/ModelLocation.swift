import Foundation

/// Where the files of a model lie in a folder.
public enum ModelLocation {
  /// Of a folder of the Hub's cache (`models--google--vit-base`, which holds `refs` and `snapshots`) the folder of the snapshot that its
  /// newest reference names (`main` where several are as new), else of the only one; any other path as it is.
  ///
  /// - Throws: ``CheckpointError`` where there are several snapshots and nothing says which is meant.
  public static func snapshot(of url: URL) throws -> URL {
    let snapshots = url.appendingPathComponent("snapshots")
    guard isFolder(snapshots.path), !isThere(url, "config.json"), !isThere(url, "model.safetensors") else { return url }
    let revisions = contents(snapshots)
    if let newest = references(url, among: revisions).first { return snapshots.appendingPathComponent(newest) }
    guard revisions.count == 1 else {
      throw CheckpointError(
        "\(url.path): a folder of the Hub's cache with \(revisions.count) snapshots"
          + (revisions.isEmpty
            ? "; fetch the model again"
            : ", none of which refs/main names; give one of them: "
              + revisions.prefix(4).map { "snapshots/\($0)" }.joined(separator: ", ")))
    }
    return snapshots.appendingPathComponent(revisions[0])
  }

  /// The snapshots that references name, the one of the newest reference first.
  private static func references(_ url: URL, among revisions: [String]) -> [String] {
    let folder = url.appendingPathComponent("refs").path
    let names = FileManager.default.enumerator(atPath: folder)?.compactMap { $0 as? String } ?? []
    let found = names.compactMap { name -> (name: String, revision: String, written: Int)? in
      let path = "\(folder)/\(name)"
      var status = stat()
      guard stat(path, &status) == 0, let text = try? String(contentsOfFile: path, encoding: .utf8) else { return nil }
      let revision = text.trimmingCharacters(in: .whitespacesAndNewlines)
      guard revisions.contains(revision) else { return nil }
      #if canImport(Darwin)
        let time = status.st_mtimespec
      #else
        let time = status.st_mtim
      #endif
      return (name, revision, time.tv_sec * 1_000_000_000 + time.tv_nsec)
    }
    return found.sorted {
      ($0.written, $0.name == "main" ? 1 : 0, $1.name) > ($1.written, $1.name == "main" ? 1 : 0, $0.name)
    }.map(\.revision)
  }

  /// Where a model of the Hub's cache comes from: of `…/models--google--vit-base/snapshots/COMMIT` the name `vit-base` and
  /// `google/vit-base@COMMIT`; nil of any other folder.
  public static func origin(of snapshot: URL) -> (name: String, text: String)? {
    let parts = snapshot.standardizedFileURL.pathComponents
    guard parts.count >= 3, parts[parts.count - 2] == "snapshots" else { return nil }
    let names = parts[parts.count - 3].components(separatedBy: "--")
    guard names.count >= 2, names[0] == "models", !names.contains("") else { return nil }
    let name = names.dropFirst().joined(separator: "/")
    return (names[names.count - 1], "\(name)@\(parts[parts.count - 1])")
  }

  /// Whether a folder is a model, also one whose weights are of a kind that is not read.
  public static func holdsModel(_ path: String) -> Bool {
    let url = URL(fileURLWithPath: path)
    if ["model.safetensors", "model.safetensors.index.json"].contains(where: { isThere(url, $0) }) { return true }
    if isFolder(url.appendingPathComponent("snapshots").path), isFolder(url.appendingPathComponent("blobs").path) {
      return true
    }
    return isThere(url, "config.json") && contents(url).contains(where: isWeights)
  }

  /// What is there of a model in a folder that has no weights that can be read, and what to do.
  static func withoutWeights(_ url: URL) -> String {
    let names = contents(url).filter(isWeights)
    let missing = "neither model.safetensors nor model.safetensors.index.json is there"
    guard let first = names.first(where: { $0.hasSuffix(".safetensors") }) ?? names.first else {
      return missing + "; convert other formats with save_pretrained or safetensors' save_file"
    }
    if first.hasSuffix(".safetensors") {
      return missing
        + ", but \(names.filter { $0.hasSuffix(".safetensors") }.joined(separator: ", ")); if that is the whole model, "
        + "rename it to model.safetensors, or give the file with --architecture"
    }
    return missing
      + ", only \(names.joined(separator: ", ")), which is never opened; in Python, load the model and write it with "
      + "save_pretrained (transformers) or safetensors.torch.save_file, or fetch its model.safetensors"
  }

  private static let endings = [".safetensors", ".bin", ".pt", ".pth", ".ckpt", ".h5", ".msgpack", ".onnx", ".npz"]

  private static func isWeights(_ name: String) -> Bool { endings.contains(where: name.hasSuffix) }

  /// The names in a folder in the order of their bytes, without hidden ones.
  private static func contents(_ folder: URL) -> [String] {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
    return names.filter { !$0.hasPrefix(".") }.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
  }

  private static func isThere(_ folder: URL, _ name: String) -> Bool {
    FileManager.default.fileExists(atPath: folder.appendingPathComponent(name).path)
  }

  private static func isFolder(_ path: String) -> Bool {
    var isDirectory: ObjCBool = false
    return FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory) && isDirectory.boolValue
  }
}
