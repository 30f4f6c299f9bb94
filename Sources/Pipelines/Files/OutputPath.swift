import Formats
import Foundation

/// What `--out` may be, checked before any work is done.
public enum OutputPath {
  /// - Parameter example: a name for the sentence that refuses a folder.
  /// - Throws: ``BadInput`` where a file cannot be made at `path`.
  public static func requireFile(_ path: String, flag: String = "--out", example: String = "store.h5") throws {
    guard !path.isEmpty else { throw BadInput("\(flag) is empty; give the file to write") }
    var isDirectory: ObjCBool = false
    if FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory), isDirectory.boolValue {
      throw BadInput(
        "\(flag) \(path) is a folder; give the file to write, such as \(path.hasSuffix("/") ? path : path + "/")\(example)"
      )
    }
    try requireNoDevice(path, flag: flag)
    guard !path.hasSuffix("/") else { throw BadInput("\(flag) \(path) ends with a slash; give the file to write") }
    let parent = FilePath.folder(of: URL(fileURLWithPath: path).path)
    guard FileManager.default.fileExists(atPath: parent, isDirectory: &isDirectory) else {
      throw BadInput("\(flag) \(path): there is no folder \(parent); make it, or choose another place")
    }
    guard isDirectory.boolValue else {
      throw BadInput("\(flag) \(path): \(parent) is not a folder; choose another place")
    }
    guard access(parent, W_OK) == 0 else {
      throw BadInput(
        "\(flag) \(path): the folder \(parent) cannot be written to (\(String(cString: strerror(errno)))); "
          + "choose another place")
    }
  }

  /// Refuses what is neither a file nor a folder: to open a pipe waits for whoever is at its other end.
  ///
  /// - Throws: ``BadInput`` where a pipe, a socket or a device is at `path`.
  public static func requireNoDevice(_ path: String, flag: String = "") throws {
    var information = stat()
    guard stat(path, &information) == 0 else { return }
    switch information.st_mode & S_IFMT {
    case S_IFREG, S_IFDIR: return
    default:
      throw BadInput("\(flag.isEmpty ? "" : flag + " ")\(path) is a pipe, a socket or a device; give a file on a disk")
    }
  }

  /// Makes the folder at `path` and those above it where they are missing.
  ///
  /// - Throws: ``BadInput`` where it cannot be made or written to.
  public static func makeFolder(_ path: String, flag: String = "--out") throws {
    guard !path.isEmpty else { throw BadInput("\(flag) is empty; give the folder to write") }
    let url = URL(fileURLWithPath: path)
    var isDirectory: ObjCBool = false
    if FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory) {
      guard isDirectory.boolValue else { throw BadInput("\(flag) \(path) is a file; give a folder") }
    } else {
      var above = ""
      for part in url.path.split(separator: "/") {
        above += "/" + part
        if mkdir(above, 0o777) != 0, !FileManager.default.fileExists(atPath: above) {
          throw BadInput(
            "\(flag) \(path): cannot make \(above) (\(String(cString: strerror(errno)))); choose another place")
        }
      }
    }
    guard access(path, W_OK) == 0 else {
      throw BadInput(
        "\(flag) \(path) cannot be written to (\(String(cString: strerror(errno)))); choose another place")
    }
  }
}
