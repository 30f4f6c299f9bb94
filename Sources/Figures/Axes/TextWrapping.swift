extension TextMeasuring {
  /// `text` in lines no wider than `width`: broken at spaces, in words that are wider alone behind `-`, `_`, `.`, `/`, and
  /// in what has none of them anywhere. What is left of more lines than `most` is shortened in the last.
  public func wrapped(
    _ text: String, toWidth width: Double, size: Double, weight: TextRun.Weight = .regular, most: Int = 6
  ) -> [String] {
    func fits(_ line: String) -> Bool { self.width(of: line, size: size, weight: weight) <= width }
    guard !text.isEmpty else { return [] }
    guard !fits(text) else { return [text] }
    var lines: [String] = []
    var line = ""
    var pieces: [(text: String, space: Bool)] = []
    for word in text.split(separator: " ") {
      var first = true
      for piece in fits(String(word)) ? [String(word)] : brokenWord(word, where: fits) {
        pieces.append((piece, first))
        first = false
      }
    }
    for piece in pieces {
      let longer = line.isEmpty ? piece.text : line + (piece.space ? " " : "") + piece.text
      if line.isEmpty || fits(longer) {
        line = longer
      } else {
        lines.append(line)
        line = piece.text
      }
    }
    lines.append(line)
    guard lines.count > max(1, most) else { return lines }
    let rest = lines[(max(1, most) - 1)...].joined(separator: " ")
    return lines.prefix(max(1, most) - 1) + [elided(rest, toWidth: width, size: size, weight: weight)]
  }

  /// A word that is wider than a line in pieces that are not.
  private func brokenWord(_ word: Substring, where fits: (String) -> Bool) -> [String] {
    var pieces: [String] = []
    var piece: [Character] = []
    // How many characters of the piece end with a sign behind which a word may be broken.
    var breakable = 0
    for character in word {
      if !piece.isEmpty, !fits(String(piece + [character])) {
        let kept = breakable > 0 ? breakable : piece.count
        pieces.append(String(piece.prefix(kept)))
        piece.removeFirst(kept)
        breakable = 0
      }
      piece.append(character)
      if "-_./,+".contains(character) { breakable = piece.count }
    }
    return piece.isEmpty ? pieces : pieces + [String(piece)]
  }
}
