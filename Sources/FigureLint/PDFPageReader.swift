import Figures
import Formats

/// Follows the drawing of a PDF's first page: text with its size and place, fonts, pictures, colours, widths of lines.
/// Clips, blends and patterns are not followed.
struct PDFPageReader {
  private struct State {
    var transform: Transform
    var fill = Color.black
    var stroke = Color.black
    var fillOpacity = 1.0
    var lineWidth = 1.0
    var dash: [Double] = []
    var font: String?
    var size = 0.0
    var characterSpacing = 0.0
    var wordSpacing = 0.0
    var stretch = 1.0
    var leading = 0.0
    var rise = 0.0
    var mode = 0
  }

  private let document: PDFDocument
  private(set) var page: DrawnPage
  private var state: State
  private var stack: [State] = []
  private var textMatrix = Transform()
  private var lineMatrix = Transform()
  private var fonts: [String: PDFFont] = [:]
  /// The path so far: its corners in page coordinates, and whether it is one upright rectangle.
  private var corners: [Point] = []
  /// Where its pieces begin.
  private var starts: [Int] = []
  private var isRectangle = false
  private var hasCurves = false
  private var depth = 0
  private var steps = 0

  /// - Throws: `LintError` if the file is no PDF that can be read.
  static func read(_ bytes: [UInt8], file: String) throws(LintError) -> DrawnPage {
    let document = try PDFDocument(bytes, file: file)
    let box = document.resolve(document.firstPage["MediaBox"])?.array?.compactMap { document.resolve($0)?.number } ?? []
    guard box.count == 4, box[2] != box[0], box[3] != box[1] else {
      throw LintError("\(file): the page has no MediaBox")
    }
    let size = Size((box[2] - box[0]).magnitude, (box[3] - box[1]).magnitude)
    var reader = PDFPageReader(
      document: document, page: DrawnPage(size: size),
      state: State(transform: Transform(d: -1, e: -min(box[0], box[2]), f: max(box[1], box[3]))))
    var content: [UInt8] = []
    let entry = document.resolve(document.firstPage["Contents"])
    for part in entry?.array ?? [document.firstPage["Contents"]].compactMap({ $0 }) {
      guard let data = document.data(of: part) else {
        reader.fail("a content stream could not be decoded, so what it draws is not checked")
        continue
      }
      content += data + [10]
    }
    reader.run(content, resources: document.resolve(document.firstPage["Resources"])?.dictionary ?? [:])
    // What shows nothing may still name fonts that are not embedded.
    if !reader.page.gaps.isEmpty || !reader.page.faults.isEmpty { reader.addNamedFonts() }
    if document.pageCount > 1 { reader.miss("only the first of its \(document.pageCount) pages is checked") }
    document.gaps.forEach { reader.miss($0) }
    if let remark = document.remark() { reader.page.notes.append(remark) }
    return reader.page
  }

  private init(document: PDFDocument, page: DrawnPage, state: State) {
    self.document = document
    self.page = page
    self.state = state
  }

  private static let mostSteps = 5_000_000

  /// Notes that something is broken.
  private mutating func fail(_ sentence: String) {
    if !page.faults.contains(sentence) { page.faults.append(sentence) }
  }

  /// Notes that something was not read.
  private mutating func miss(_ sentence: String) {
    if !page.gaps.contains(sentence) { page.gaps.append(sentence) }
  }

  private mutating func addNamedFonts() {
    let resources = document.resolve(document.firstPage["Resources"])?.dictionary
    let entries = document.resolve(resources?["Font"])?.dictionary ?? [:]
    for (_, entry) in entries.sorted(by: { $0.key < $1.key }) {
      let description = PDFFont(entry, in: document).description
      if !page.fonts.contains(description) { page.fonts.append(description) }
    }
  }

  private mutating func run(_ content: [UInt8], resources: [String: PDFObject]) {
    var lexer = PDFLexer(content[...])
    var operands: [PDFObject] = []
    while let token = lexer.next() {
      guard case .word(let word) = token else {
        operands.append(token)
        if operands.count > 4096 { operands.removeFirst() }
        continue
      }
      steps += 1
      guard steps < Self.mostSteps else { return miss("only the first \(Self.mostSteps) operators are followed") }
      if word == "BI" { skipInlineImage(&lexer, content) } else { perform(word, operands, resources: resources) }
      operands.removeAll(keepingCapacity: true)
    }
  }

  private mutating func perform(_ word: String, _ operands: [PDFObject], resources: [String: PDFObject]) {
    let numbers = operands.compactMap(\.number)
    switch word {
    case "q": if stack.count < 256 { stack.append(state) }
    case "Q": if let saved = stack.popLast() { state = saved }
    case "cm": if let matrix = Self.matrix(numbers) { state.transform = matrix.then(state.transform) }
    case "w": state.lineWidth = numbers.first ?? state.lineWidth
    case "d": state.dash = (operands.first?.array ?? []).compactMap(\.number)
    case "gs": setGraphicsState(operands.first?.name, resources: resources)
    case "g", "rg", "k", "sc", "scn": if let color = Self.color(numbers) { state.fill = color }
    case "G", "RG", "K", "SC", "SCN": if let color = Self.color(numbers) { state.stroke = color }
    case "Do": drawObject(operands.first?.name, resources: resources)
    case "m", "l", "c", "v", "y", "h", "re", "f", "F", "f*", "B", "B*", "b", "b*", "S", "s", "n":
      performPath(word, numbers)
    case "BT", "Tf", "Tm", "Td", "TD", "T*", "TL", "Tc", "Tw", "Tz", "Ts", "Tr", "Tj", "TJ", "'", "\"":
      performText(word, operands, numbers: numbers, resources: resources)
    default:
      if !Self.unfollowed.contains(word) {
        fail("the page's content is damaged: it has operators that PDF does not know")
      }
    }
  }

  /// Operators that change nothing of what is checked.
  private static let unfollowed: Set<String> = [
    "ET", "W", "W*", "i", "j", "J", "M", "ri", "cs", "CS", "sh", "BMC", "BDC", "EMC", "MP", "DP", "BX", "EX", "d0",
    "d1",
  ]

  private static func matrix(_ numbers: [Double]) -> Transform? {
    guard numbers.count == 6 else { return nil }
    return Transform(a: numbers[0], b: numbers[1], c: numbers[2], d: numbers[3], e: numbers[4], f: numbers[5])
  }

  /// Grey, RGB or CMYK, by how many numbers there are.
  private static func color(_ numbers: [Double]) -> Color? {
    switch numbers.count {
    case 1: Color(red: numbers[0], green: numbers[0], blue: numbers[0])
    case 3: Color(red: numbers[0], green: numbers[1], blue: numbers[2])
    case 4:
      Color(
        red: (1 - numbers[0]) * (1 - numbers[3]), green: (1 - numbers[1]) * (1 - numbers[3]),
        blue: (1 - numbers[2]) * (1 - numbers[3]))
    default: nil
    }
  }

  private mutating func setGraphicsState(_ name: String?, resources: [String: PDFObject]) {
    guard let name, let states = document.resolve(resources["ExtGState"])?.dictionary,
      let entry = document.resolve(states[name])?.dictionary
    else { return }
    if let opacity = document.resolve(entry["ca"])?.number { state.fillOpacity = opacity }
    if let width = document.resolve(entry["LW"])?.number { state.lineWidth = width }
  }

  // MARK: Paths

  private mutating func performPath(_ word: String, _ numbers: [Double]) {
    switch word {
    case "m", "l":
      guard numbers.count == 2 else { return }
      isRectangle = false
      if word == "m" { starts.append(corners.count) }
      corners.append(state.transform.point(numbers[0], numbers[1]))
    case "c", "v", "y":
      isRectangle = false
      hasCurves = true
      for place in stride(from: 0, to: numbers.count - 1, by: 2) {
        corners.append(state.transform.point(numbers[place], numbers[place + 1]))
      }
    case "re":
      guard numbers.count == 4 else { return }
      isRectangle = corners.isEmpty
      starts.append(corners.count)
      let (x, y, width, height) = (numbers[0], numbers[1], numbers[2], numbers[3])
      corners += [(x, y), (x + width, y), (x, y + height), (x + width, y + height)].map {
        state.transform.point($0.0, $0.1)
      }
    case "h": break
    default:
      if ["f", "F", "f*", "B", "B*", "b", "b*"].contains(word) { fillPath() }
      if ["S", "s", "B", "B*", "b", "b*"].contains(word), !corners.isEmpty {
        page.strokes.append(
          .init(
            color: state.stroke, width: state.lineWidth * state.transform.scale, bounds: DrawnPage.bounds(corners),
            dash: state.dash.map { $0 * state.transform.scale }))
      }
      corners.removeAll(keepingCapacity: true)
      starts.removeAll(keepingCapacity: true)
      isRectangle = false
      hasCurves = false
    }
  }

  private mutating func fillPath() {
    guard let bounds = DrawnPage.bounds(corners) else { return }
    page.fills.append(
      .init(
        color: state.fill.opacity(state.fillOpacity), bounds: bounds,
        isRectangle: isRectangle || (!hasCurves && DrawnPage.isUprightRectangle(corners)), order: page.painted,
        pieces: DrawnPage.pieces(corners, starts: starts)))
  }

  // MARK: Pictures and forms

  private mutating func drawObject(_ name: String?, resources: [String: PDFObject]) {
    guard depth < 16 else { return miss("forms within forms are followed to a depth of 16 only") }
    guard let name, let objects = document.resolve(resources["XObject"])?.dictionary,
      let object = document.resolve(objects[name]), let dictionary = object.dictionary
    else { return fail("'\(name ?? "")', which the page draws, is missing") }
    switch document.resolve(dictionary["Subtype"])?.name {
    case "Image":
      let isSharp: Bool
      if case .boolean(let smooth)? = document.resolve(dictionary["Interpolate"]) {
        isSharp = !smooth
      } else {
        isSharp = false
      }
      page.images.append(
        .init(
          columns: document.resolve(dictionary["Width"])?.integer ?? 0,
          rows: document.resolve(dictionary["Height"])?.integer ?? 0, width: state.transform.scaleX,
          height: state.transform.scaleY, isSharp: isSharp,
          bounds: state.transform.bounds(x: 0, y: 0, width: 1, height: 1), order: page.painted))
    case "Form":
      guard let data = document.data(of: objects[name]) else {
        fail("a form could not be decoded, so what it draws is not checked")
        return
      }
      let saved = state
      let savedFonts = fonts
      let numbers = document.resolve(dictionary["Matrix"])?.array?.compactMap { document.resolve($0)?.number } ?? []
      if let matrix = Self.matrix(numbers) { state.transform = matrix.then(state.transform) }
      let own = document.resolve(dictionary["Resources"])?.dictionary
      if own != nil { fonts = [:] }
      depth += 1
      let below = stack
      stack = []
      run(data, resources: own ?? resources)
      stack = below
      depth -= 1
      state = saved
      fonts = savedFonts
    default: break
    }
  }

  private func skipInlineImage(_ lexer: inout PDFLexer, _ content: [UInt8]) {
    var place = lexer.position
    while place + 2 < content.count {
      if PDFLexer.isSpace(content[place]), content[place + 1] == UInt8(ascii: "E"),
        content[place + 2] == UInt8(ascii: "I")
      {
        lexer.position = place + 3
        return
      }
      place += 1
    }
    lexer.position = content.count
  }

  // MARK: Text

  private mutating func performText(
    _ word: String, _ operands: [PDFObject], numbers: [Double], resources: [String: PDFObject]
  ) {
    switch word {
    case "BT": (textMatrix, lineMatrix) = (Transform(), Transform())
    case "Tf":
      guard let name = operands.first?.name else { return }
      state.font = name
      state.size = numbers.last ?? state.size
      if fonts[name] == nil {
        let entry = document.resolve(resources["Font"])?.dictionary?[name]
        if document.resolve(entry)?.dictionary == nil { fail("the font '\(name)', which the page uses, is missing") }
        let font = PDFFont(entry, in: document)
        fonts[name] = font
        if !page.fonts.contains(font.description) { page.fonts.append(font.description) }
      }
    case "Tm":
      if let matrix = Self.matrix(numbers) { (textMatrix, lineMatrix) = (matrix, matrix) }
    case "Td", "TD":
      guard numbers.count == 2 else { return }
      if word == "TD" { state.leading = -numbers[1] }
      moveLine(numbers[0], numbers[1])
    case "T*": moveLine(0, -state.leading)
    case "TL": state.leading = numbers.first ?? 0
    case "Tc": state.characterSpacing = numbers.first ?? 0
    case "Tw": state.wordSpacing = numbers.first ?? 0
    case "Tz": state.stretch = (numbers.first ?? 100) / 100
    case "Ts": state.rise = numbers.first ?? 0
    case "Tr": state.mode = Int(saturating: numbers.first ?? 0)
    case "Tj": show(operands)
    case "TJ": show(operands.first?.array ?? [])
    case "'":
      moveLine(0, -state.leading)
      show(operands)
    case "\"":
      moveLine(0, -state.leading)
      show(Array(operands.suffix(1)))
    default: break
    }
  }

  private mutating func moveLine(_ x: Double, _ y: Double) {
    lineMatrix = Transform(e: x, f: y).then(lineMatrix)
    textMatrix = lineMatrix
  }

  /// Shows strings, and moves back by numbers in thousandths of the size between them. Where the move is wide, another text
  /// begins: programs join what stands on one line.
  private mutating func show(_ pieces: [PDFObject]) {
    guard let name = state.font, let font = fonts[name] else { return }
    var text = ""
    var width = 0.0
    for piece in pieces {
      switch piece {
      case .string(let bytes):
        let read = font.read(bytes)
        text += read.text
        width +=
          (read.width * state.size + Double(read.codes) * state.characterSpacing
            + Double(read.spaces) * state.wordSpacing) * state.stretch
      case .number(let back):
        if back.magnitude > 250 {
          add(text, width: width, font: font)
          textMatrix = Transform(e: width).then(textMatrix)
          (text, width) = ("", 0)
        }
        let move = -back / 1000 * state.size * state.stretch
        if text.isEmpty { textMatrix = Transform(e: move).then(textMatrix) } else { width += move }
      default: break
      }
    }
    add(text, width: width, font: font)
    textMatrix = Transform(e: width).then(textMatrix)
  }

  private mutating func add(_ text: String, width: Double, font: PDFFont) {
    // Mode 3 is not seen: text laid under a scan.
    guard state.mode != 3, !text.allSatisfy(\.isWhitespace) else { return }
    let matrix = Transform(f: state.rise).then(textMatrix).then(state.transform)
    let bounds = matrix.bounds(x: 0, y: -0.21 * state.size, width: width, height: 0.95 * state.size)
    page.texts.append(
      .init(
        text: text, size: state.size.magnitude * matrix.scaleY, bounds: bounds,
        color: state.fill.opacity(state.fillOpacity), order: page.painted,
        isBold: font.description.name.lowercased().contains("bold")))
  }
}
