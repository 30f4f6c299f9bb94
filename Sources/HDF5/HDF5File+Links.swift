import CHDF5
import Foundation

extension HDF5File {
  /// How many links may lead to one another; libhdf5 follows as many.
  private static let mostLinks = 16

  /// Follows the links on the way to an object, before libhdf5 does: a file behind an external link is examined as the
  /// opened one was, and is never a pipe or a device.
  ///
  /// - Returns: false where nothing stands at the path.
  /// - Throws: `HDF5Error`, with `isDanglingLink` where what a link names is not there.
  func follow(_ object: String) throws -> Bool {
    try HDF5Library.locked { try follow(object, depth: 0) }
  }

  /// - Throws: `HDF5Error` where nothing stands at the path.
  func requireThere(_ object: String) throws {
    guard try follow(object) else { throw context(object).error("open it", "no such object") }
  }

  private func follow(_ object: String, depth: Int) throws -> Bool {
    guard depth < HDF5File.mostLinks else {
      throw context(object).error(
        "follow the link", "more than \(HDF5File.mostLinks) links lead to one another", isDanglingLink: true)
    }
    let parts = object.split(separator: "/").filter { $0 != "." }
    var path = ""
    for (index, part) in parts.enumerated() {
      let group = path
      path += "/" + part
      if followed.withLock({ $0.paths.contains(path) }) { continue }
      let context = context(path)
      guard try context.check(H5Lexists(handle.id, path, palimpsest_h5p_default()), "look it up") > 0 else {
        return false
      }
      var link = H5L_info_t()
      try context.check(H5Lget_info(handle.id, path, &link, palimpsest_h5p_default()), "look it up")
      switch link.type {
      case H5L_TYPE_HARD: break
      case H5L_TYPE_SOFT:
        let target = try linkValue(path, bytes: link.u.val_size, context) { HDF5File.text($0.baseAddress) }
        guard try follow(target.hasPrefix("/") ? target : group + "/" + target, depth: depth + 1) else {
          throw context.error(
            "follow the link", "it is a soft link to \(target), which is not there", isDanglingLink: true)
        }
      case H5L_TYPE_EXTERNAL:
        let (file, target) = try externalTarget(path, bytes: link.u.val_size, context)
        let linked = try linkedFile(file, object: target, context)
        guard try linked.follow(target, depth: depth + 1) else {
          throw context.error(
            "follow the link", "it is an external link to \(target) in \(linked.path), which is not there",
            isDanglingLink: true)
        }
        // The rest of the way lies in the other file.
        let rest = parts[(index + 1)...].joined(separator: "/")
        return try rest.isEmpty || linked.follow(target + "/" + rest, depth: depth + 1)
      default:
        throw context.error("follow the link", "it is a link of a kind that this program does not know")
      }
      followed.withLock { [path] in _ = $0.paths.insert(path) }
    }
    return true
  }

  private static func text(_ bytes: UnsafePointer<CChar>?) -> String { bytes.map { String(cString: $0) } ?? "" }

  private func linkValue<Value>(
    _ path: String, bytes: Int, _ context: HDF5Context, _ read: (UnsafeBufferPointer<CChar>) throws -> Value
  ) throws -> Value {
    guard bytes < 1 << 20 else { throw context.error("follow the link", "its name has \(bytes) bytes") }
    var value = [CChar](repeating: 0, count: bytes + 1)
    try context.check(
      H5Lget_val(handle.id, path, &value, bytes, palimpsest_h5p_default()), "read where the link leads")
    return try value.withUnsafeBufferPointer(read)
  }

  private func externalTarget(
    _ path: String, bytes: Int, _ context: HDF5Context
  ) throws -> (file: String, object: String) {
    try linkValue(path, bytes: bytes, context) { value in
      var flags: UInt32 = 0
      var file: UnsafePointer<CChar>?
      var object: UnsafePointer<CChar>?
      try context.check(
        H5Lunpack_elink_val(value.baseAddress, bytes, &flags, &file, &object), "read where the link leads")
      return (HDF5File.text(file), HDF5File.text(object))
    }
  }

  private func linkedFile(_ name: String, object: String, _ context: HDF5Context) throws -> HDF5File {
    let found: String?
    do {
      found = try LinkedFiles.locate(name, from: path, variable: "HDF5_EXT_PREFIX")
    } catch let error as LinkedFiles.NotAFile {
      throw context.error("follow the link", "it is an external link to \(error.description)")
    }
    guard let found else {
      throw context.error(
        "follow the link", "it is an external link to \(object) in \(name), a file that is not there",
        isDanglingLink: true)
    }
    if let known = followed.withLock({ $0.files[found] }) { return known }
    let opened = try HDF5File.open(found)
    followed.withLock { $0.files[found] = opened }
    return opened
  }
}

/// Where libhdf5 looks for files that are named inside a file (`H5F_prefix_open_file` of 1.10).
enum LinkedFiles {
  /// Something that cannot be read as a file stands where one is looked for.
  struct NotAFile: Error, CustomStringConvertible {
    let description: String
  }

  /// The path of the first file there is, in libhdf5's order: as it is named where that is absolute, else by the folders of
  /// an environment variable, beside the file that names it, from the working folder, and beside what that file's own
  /// symbolic link leads to. nil where there is none.
  static func locate(_ name: String, from file: String, variable: String) throws -> String? {
    var candidates: [String] = []
    var rest = name
    if name.hasPrefix("/") {
      candidates.append(name)
      rest = name.split(separator: "/").last.map(String.init) ?? ""
    }
    let prefixes = ProcessInfo.processInfo.environment[variable]?.split(separator: ":").map(String.init) ?? []
    candidates += prefixes.map { $0 + "/" + rest }
    candidates.append(folder(of: file) + "/" + rest)
    candidates.append(rest)
    if let real = realpath(file, nil) {
      candidates.append(folder(of: String(cString: real)) + "/" + rest)
      free(real)
    }
    for candidate in candidates where !rest.isEmpty {
      var information = stat()
      guard stat(candidate, &information) == 0 else { continue }
      switch information.st_mode & S_IFMT {
      case S_IFREG: return candidate
      case S_IFDIR: continue
      default: throw NotAFile(description: "\(candidate), which is a pipe or a device and not a file")
      }
    }
    return nil
  }

  private static func folder(of path: String) -> String {
    guard let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")) else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }
}
