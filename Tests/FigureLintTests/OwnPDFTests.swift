import CQPDF
import Figures
import FiguresCairo
import Testing

/// The PDF files of our own figures as another program reads them.
@Suite struct OwnPDFTests {
  /// What qpdf finds wrong in a file, all of whose objects and streams it reads.
  private func complaints(_ bytes: [UInt8]) -> [String] {
    var handle: qpdf_data? = qpdf_init()
    defer { qpdf_cleanup(&handle) }
    qpdf_silence_errors(handle)
    qpdf_set_suppress_warnings(handle, 1)
    return bytes.withUnsafeBytes { buffer in
      let start = buffer.baseAddress?.assumingMemoryBound(to: CChar.self)
      _ = qpdf_read_memory(handle, "figure.pdf", start, UInt64(buffer.count), nil)
      _ = qpdf_check_pdf(handle)
      var texts: [String] = []
      while qpdf_more_warnings(handle) != 0, let warning = qpdf_next_warning(handle) {
        texts.append(qpdf_get_error_message_detail(handle, warning).map { String(cString: $0) } ?? "")
      }
      if qpdf_has_error(handle) != 0, let error = qpdf_get_error(handle) {
        texts.append(qpdf_get_error_message_detail(handle, error).map { String(cString: $0) } ?? "")
      }
      return texts
    }
  }

  @Test(arguments: OwnFigures.names)
  func qpdfFindsNothingWrong(name: String) throws {
    let renderer = try FigureRenderer(style: try FigureStyle.named("tmlr", templates: templates))
    let figure = try OwnFigures.make(name).laidOut(style: renderer.style, measurer: renderer.typesetter, width: nil)
    #expect(complaints(try renderer.render(figure, as: .pdf)) == [])
  }

  /// Pictures that are not opaque are not exchanged; each is named once all the same.
  @Test func transparentPicturesAreNamedOnce() throws {
    let picture = ImageShape(
      frame: Rectangle(x: 0, y: 0, width: 20, height: 20), columns: 2, rows: 1,
      pixels: [200, 0, 0, 128, 0, 200, 0, 255], content: .picture)
    let nodes = (0..<3).map { SceneNode.group(SceneGroup([.image(picture)], offset: Point(Double($0) * 30, 0))) }
    let figure = Figure(
      scene: Scene(size: Size(100, 20), background: .white, nodes: nodes, fontFamilies: []),
      description: FigureDescription(kind: "image grid", title: "grid", caption: "", alternativeText: "three pictures"))
    let renderer = try FigureRenderer(style: try FigureStyle.named("tmlr", templates: templates))
    #expect(complaints(try renderer.render(figure, as: .pdf)) == [])
  }

  /// The test's own eyes: a file with an entry written twice.
  @Test func aNameWrittenTwiceIsFound() throws {
    let body =
      "%PDF-1.4\n1 0 obj\n<< /Type /Catalog /Pages 2 0 R >>\nendobj\n"
      + "2 0 obj\n<< /Type /Pages /Kids [ 3 0 R ] /Count 1 >>\nendobj\n"
      + "3 0 obj\n<< /Type /Page /Parent 2 0 R /MediaBox [ 0 0 9 9 ] /Rotate 0 /Rotate 0 >>\nendobj\n"
    let offsets = ["1 0 obj", "2 0 obj", "3 0 obj"].compactMap { text in
      body.range(of: text).map { body.utf8.distance(from: body.startIndex, to: $0.lowerBound) }
    }
    let table = offsets.map { String(repeating: "0", count: 10 - "\($0)".count) + "\($0) 00000 n \n" }.joined()
    let file =
      body + "xref\n0 4\n0000000000 65535 f \n" + table + "trailer\n<< /Size 4 /Root 1 0 R >>\n"
      + "startxref\n\(body.utf8.count)\n%%EOF\n"
    #expect(complaints(Array(file.utf8)).map { $0.contains("duplicated key /Rotate") } == [true])
  }
}
