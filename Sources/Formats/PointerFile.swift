/// Files that stand in for others.
public enum PointerFile {
  /// Why a file is not the one it should be, where its first bytes are those of a pointer of Git LFS; else nil.
  public static func reason(_ start: some Sequence<UInt8>) -> String? {
    guard start.starts(with: "version https://git-lfs".utf8) else { return nil }
    return "is a pointer of Git LFS and not the file itself; run git lfs pull where it was cloned"
  }
}
