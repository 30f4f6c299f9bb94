import CTorch

/// The libtorch that tensors compute with, which is loaded at the first call that needs it.
public enum TorchLibrary {
  /// Why there is none, in one sentence that says what mends it.
  public struct Missing: Error, CustomStringConvertible {
    public let description: String
  }

  /// Loads libtorch where it is not loaded yet. Without this the first operation does, and ends the process where it cannot.
  ///
  /// - Throws: ``Missing``.
  public static func load() throws {
    if let problem = pt_load() { throw Missing(description: String(cString: problem)) }
  }

  /// The folder with `lib/` whose libtorch is taken; nil where it is left to the system, or to where the program was built. Loads
  /// nothing.
  public static var folder: String? { text(pt_torch_folder()) }

  /// The user's own place for it, found without `LIBTORCH`: `$XDG_DATA_HOME/palimpsest/libtorch`. nil where there is no home.
  public static var userFolder: String? { text(pt_user_torch_folder()) }

  /// Whether the program runs where it was built, with its library beside it.
  public static var isInBuildFolder: Bool { pt_is_build_folder() }

  /// The version that the program was compiled for; one with the same major and minor number fits.
  public static var requiredVersion: String { String(cString: pt_required_version()) }

  /// The version of the libtorch in `folder`, as a file beside it says, such as `2.13.0+cpu`; nil where none does. Loads nothing.
  public static func version(in folder: String) -> String? {
    withUnsafeTemporaryAllocation(of: CChar.self, capacity: 64) { buffer in
      pt_torch_version_in(folder, buffer.baseAddress, buffer.count)
      return buffer.baseAddress.flatMap { text($0) }
    }
  }

  private static func text(_ characters: UnsafePointer<CChar>) -> String? {
    characters.pointee == 0 ? nil : String(cString: characters)
  }
}
