import Foundation

/// Where the files of a model lie in a folder.
public enum ModelLocation {
  /// Of a folder of the Hub's cache (`models--google--vit-base`, which holds `refs` and `snapshots`) the folder of the snapshot that
  /// `refs/main` names, else of the only one; any other path as it is.
  ///
  /// - Throws: ``CheckpointError`` where there are several snapshots and nothing says which is meant.
  public static func snapshot(of url: URL) throws -> URL {
    let snapshots = url.appendingPathComponent("snapshots")
    guard isFolder(snapshots.path), !isThere(url, "config.json"), !isThere(url, "model.safetensors") else { return url }
    let revisions = contents(snapshots)
    if let text = try? String(contentsOf: url.appendingPathComponent("refs/main"), encoding: .utf8) {
      let revision = text.trimmingCharacters(in: .whitespacesAndNewlines)
      if revisions.contains(revision) { return snapshots.appendingPathComponent(revision) }
    }
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
