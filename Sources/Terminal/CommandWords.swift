import Formats

/// The words of the command line.
public enum CommandWords {
  /// The words of a program that is asked for its version in the ways of others.
  public static func asked(_ words: some Sequence<String>) -> [String] {
    let words = Array(words)
    return words == ["-V"] || words == ["version"] ? ["--version"] : words
  }

  /// The words with `~` for the home that `HOME` names, also behind a flag as in `--out=~/store.h5`, where shells leave it.
  public static func expanded(_ words: some Sequence<String>) -> [String] {
    words.map { word in
      guard word.hasPrefix("--"), let equals = word.firstIndex(of: "=") else {
        return FilePath.expandingHome(word, home: FilePath.home)
      }
      let value = String(word[word.index(after: equals)...])
      return word[...equals] + FilePath.expandingHome(value, home: FilePath.home)
    }
  }
}
