import Foundation

/// `index.html` of a bundle: what a reviewer sees first. It leads to the page, lists the figures with their numbers, and says how to check them.
struct BundleIndex {
  static let name = "index.html"

  let record: ReportRecord
  let report: URL
  let contents: BundleContents

  /// - Throws: `ReportError` where the data of a figure cannot be read.
  func text() throws -> String {
    var rows = ""
    for (place, name) in record.figures.enumerated() {
      rows += row(place + 1, name, title: try FigureRecord(name, of: report).figure.description.title)
    }
    let title = Escaping.html(record.title)
    return """
      <!DOCTYPE html>
      <html lang="en">
      <head>
      <meta charset="utf-8">
      <meta name="viewport" content="width=device-width, initial-scale=1">
      <meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src 'self'; style-src 'unsafe-inline'">
      <title>\(title)</title>
      <style>
      :root { color-scheme: light dark; }
      body { font: 1rem/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
      table { border-collapse: collapse; width: 100%; }
      th, td { text-align: left; padding: 0.4rem 0.6rem 0.4rem 0; border-bottom: 1px solid #8884; vertical-align: middle; }
      td img { display: block; width: 9rem; max-height: 6rem; object-fit: contain; background: #fff; }
      pre { background: #8882; padding: 0.8rem; overflow-x: auto; }
      .open { display: inline-block; padding: 0.6rem 1rem; border: 2px solid currentColor; border-radius: 0.3rem; font-weight: 600; }
      .scroll { overflow-x: auto; }
      </style>
      </head>
      <body>
      <main>
      <h1>\(title)</h1>
      <p>Made by Palimpsest \(Escaping.html(record.tool.version)). Everything is in this folder; nothing is loaded from elsewhere.</p>
      <p><a class="open" href="report/index.html">Open the report</a></p>
      <h2>Check it</h2>
      <p>Without Palimpsest, in the unpacked folder (Python 3.9, numpy, matplotlib):</p>
      <pre>python3 replay.py
      sha256sum --check SHA256SUMS</pre>
      <p><code>replay.py</code> compares the hash of every file, computes means, paired differences and corrected p-values again from the values of single
      images, looks for every number of a figure in the tables of the results, and draws every figure again into <code>redrawn/</code>. It says how much it
      compared and what differs.</p>
      <p>With Palimpsest, on the zip:</p>
      <pre>palimpsest verify BUNDLE.zip
      palimpsest replay BUNDLE.zip</pre>
      <p><code>replay</code> draws every figure again from its data and compares it byte for byte; it needs no model and no image.</p>
      <h2>Figures</h2>
      <div class="scroll">
      <table>
      <thead><tr><th scope="col">Figure</th><th scope="col">What it shows</th><th scope="col"><span>Picture</span></th><th scope="col">Files</th></tr></thead>
      <tbody>
      \(rows)</tbody>
      </table>
      </div>
      <h2>What else is here</h2>
      <ul>
      \(others.map { "<li><a href=\"\($0.path)\">\($0.path)</a>: \($0.text)</li>" }.joined(separator: "\n"))
      </ul>
      </main>
      </body>
      </html>

      """
  }

  private func row(_ number: Int, _ name: String, title: String) -> String {
    let files = [
      ("figures/\(name).csv", "numbers"), ("tables/\(name).csv", "table"), ("figures/\(name).pdf", "PDF"),
      ("figures/\(name).svg", "SVG"), ("data/\(name).json", "data"),
    ].filter { contents.sources["report/\($0.0)"] != nil }
    let links = files.map {
      "<a href=\"report/\(EntryName.address($0.0))\" aria-label=\"\($0.1) of figure \(number)\">\($0.1)</a>"
    }
    return
      "<tr><td><a href=\"report/index.html#\(EntryName.address(name))\">\(number)</a></td><td>\(Escaping.html(title))</td>"
      + "<td><img src=\"report/figures/\(EntryName.address(name)).svg\" alt=\"\" loading=\"lazy\"></td>"
      + "<td>\(links.joined(separator: " "))</td></tr>\n"
  }

  private var others: [(path: String, text: String)] {
    [
      ("README.md", "every folder in a sentence"), ("definitions.md", "what every number means"),
      ("experiment.yaml", "the study as a file"), ("pictures.csv", "which image every picture of a figure is of"),
      (CitationFile.name, "how to cite this"), (CrateMetadata.name, "all of this for machines"),
      (BundleSums.name, "the hash of every file"),
    ].filter { contents.sources[$0.0] != nil || [CrateMetadata.name, BundleSums.name].contains($0.0) }
  }
}
