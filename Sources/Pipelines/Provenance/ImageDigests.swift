import Formats

/// What a list of images is known by, whatever their number.
struct ImageDigests {
  /// Over their paths.
  let paths: String
  /// Over their paths and what their files hold; nil where that is known of none.
  let contents: String?

  /// - Parameter contents: of each file, nil where it is not known; empty where it is of none.
  init(paths: [String], contents: [ContentIdentity?]) {
    self.paths = FileHash.sha256(of: paths)
    self.contents =
      contents.contains { $0 != nil }
      ? FileHash.sha256(of: zip(paths, contents).map { "\($0)\t\($1.map(\.description) ?? "")" }) : nil
  }
}
