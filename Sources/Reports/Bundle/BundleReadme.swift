/// `README.md` of a bundle: what is in it, and how to check it.
struct BundleReadme {
  let title: String
  let tool: Provenance.Tool
  let figures: Int
  let pictures: Int
  let pixels: BundlePixels
  let hasResults: Bool
  let hasExperiment: Bool

  var text: String {
    var rows = [
      ("`index.html`", "what is in it: every figure with its numbers; how to check it"),
      ("`replay.py`", "checks the numbers and draws every figure again, without Palimpsest: Python, numpy, matplotlib"),
      ("`report/index.html`", "the report; open it in a browser, it needs nothing from elsewhere"),
      ("`report/figures/`", "\(figures) figures as PDF, SVG and PNG, each with its caption and settings as JSON"),
      ("`report/tables/`", "the numbers of every figure and table as CSV, tables also as LaTeX"),
      ("`report/data/`", "what every figure is drawn from, whole: `palimpsest replay` draws it again"),
    ]
    if hasResults {
      rows.append(
        ("`results/`", "what the analyses wrote, each with its `provenance.json`: command, seed, hashes, machine"))
    }
    if hasExperiment { rows.append(("`experiment.yaml`", "the study as a file: `palimpsest run experiment.yaml`")) }
    rows += [
      ("`definitions.md`", "what every number means"),
      ("`pictures.csv`", "every picture in a figure by the labels beside it, and the SHA-256 of its pixels"),
      ("`CITATION.cff`", "how to cite this"),
      ("`ro-crate-metadata.json`", "all of this for machines (RO-Crate 1.1, Process Run Crate 0.5)"),
      ("`SHA256SUMS`", "the hash of every file"),
    ]
    let shown =
      switch pixels {
      case .full:
        pictures == 0
          ? "No figure shows pictures of images." : "Figures show \(pictures) pictures, as in the report."
      case .thumbnails:
        "Of the images there are thumbnails only, of at most \(BundlePictures.side) pixels a side; the \(pictures) pictures in "
          + "figures were drawn from these."
      case .idsOnly:
        "Pictures of images are left out (\(pictures) tiles of figures are hatched, the explorer is grey): `pictures.csv` "
          + "and the tables of these figures say which images they were."
      }
    return """
      # \(Self.oneLine(title))

      Made by Palimpsest \(tool.version).

      | | |
      |---|---|
      \(rows.map { "| \($0.0) | \($0.1) |" }.joined(separator: "\n"))

      \(shown)

      ## Checking

      ```sh
      sha256sum --check SHA256SUMS       # in the unpacked folder
      python3 replay.py                  # there as well: computes the numbers again and draws the figures, without Palimpsest
      palimpsest verify BUNDLE.zip       # the same and more, without unpacking
      palimpsest replay BUNDLE.zip       # redraws every figure and compares it byte for byte; needs no model and no image
      ```

      Hashes tell whether a file is the one that was bundled, not who bundled it: compare the SHA-256 of the zip with the one that its
      authors state.

      """
  }

  private static func oneLine(_ text: String) -> String {
    text.split(whereSeparator: \.isNewline).joined(separator: " ")
  }
}
