import Foundation
import Reports
import Testing

#if canImport(FoundationXML)
  import FoundationXML
#endif

/// What a report refers to that is not there, or that lies outside of it.
private struct ReferenceCheck {
  private(set) var problems: [String] = []
  private(set) var count = 0

  init(_ files: [String: Data]) throws {
    let page = String(decoding: try #require(files["index.html"]), as: UTF8.self)
    let body = String(page[..<(page.range(of: "<script type=\"application/json\"")?.lowerBound ?? page.endIndex)])
    let identifiers = body.matches(of: /\sid="([^"]+)"/).map { String($0.1) }
    for (name, group) in Dictionary(grouping: identifiers, by: { $0 }) where group.count > 1 {
      problems.append("the identifier \(name) stands \(group.count) times")
    }
    let known = Set(identifiers)
    for match in body.matches(of: /\s(href|src|for|aria-labelledby|aria-describedby|aria-controls)="([^"]*)"/) {
      count += 1
      let value = String(match.2)
      switch match.1 {
      case "href", "src":
        if value.hasPrefix("data:") { continue }
        if value.hasPrefix("#") {
          if !known.contains(String(value.dropFirst())) { problems.append("no target \(value)") }
        } else if files[value.removingPercentEncoding ?? value] == nil {
          problems.append("no file \(value)")
        }
      default:
        // The script makes some of the controls itself.
        for name in value.split(separator: " ") where match.1 != "for" && !known.contains(String(name)) {
          problems.append("\(match.1) names \(name), which is not there")
        }
      }
    }
    for sheet in page.matches(of: /"(explorer\/[^"]+)"/) {
      count += 1
      if files[String(sheet.1)] == nil { problems.append("no sheet \(sheet.1)") }
    }
    for (name, data) in files where name.hasSuffix(".svg") || name.hasSuffix(".html") {
      let text = String(decoding: data, as: UTF8.self)
      for match in text.matches(of: /(?:https?|ftp|file):\/\/[^\s"'<)]*/) where match.0 != "http://www.w3.org/2000/svg"
      {
        problems.append("\(name) refers to \(match.0)")
      }
      guard name.hasSuffix(".svg") else { continue }
      let inner = Set(text.matches(of: /\sid="([^"]+)"/).map { String($0.1) })
      for match in text.matches(of: /(?:href="|url\()#([^")]+)/) {
        count += 1
        if !inner.contains(String(match.1)) { problems.append("\(name): no \(match.1)") }
      }
      for match in text.matches(of: /href="([^"#]{0,40})/) where !match.1.hasPrefix("data:") && !match.1.isEmpty {
        problems.append("\(name) refers to \(match.1)")
      }
      if !XMLParser(data: data).parse() { problems.append("\(name) is no XML") }
    }
    // Nothing that the page does not lead to, but what is for programs: descriptions and data of the figures.
    let led = Set(body.matches(of: /\s(?:href|src)="([^"]*)"/).map { String($0.1) })
      .union(page.matches(of: /"(explorer\/[^"]+)"/).map { String($0.1) })
    for name in files.keys where !led.contains(name) && name != "index.html" {
      let isForPrograms = name.hasPrefix("data/") || (name.hasPrefix("figures/") && name.hasSuffix(".json"))
      if !isForPrograms { problems.append("nothing leads to \(name)") }
    }
    problems.sort()
  }
}

@Suite struct ReferenceTests {
  @Test func nothingOfAReportIsBrokenOrOutsideOfIt() throws {
    let folder = try ResultsFolder()
    try folder.write(
      similarityCSV([("ViT", vitTaps), (hostileName, swinTaps)], measures: [("cka_linear", "debiased"), ("rsa", "")]),
      in: "similarity", "similarity.csv")
    let header = "store,condition,tap,metric,value,low,high,n\n"
    try folder.write(
      header + "A,original,embed,psnr,30,29,31,200\nA,original,norm,psnr,20,19,21,200\n", in: "quality", "quality.csv")
    try folder.write(
      header + "A,red,embed,cosine,0.4,0.35,0.45,200\nA,red,norm,cosine,0.2,0.15,0.25,200\n", in: "colour", "color.csv")
    for name in ["quality", "prototypes"] {
      try folder.write(
        #"{"format":"palimpsest.provenance","version":1,"inputs":[{"path":"a.h5","role":"store"}],"stores":[{"name":"A"}]}"#,
        in: name, "provenance.json")
    }
    try Data().write(to: folder.root.appendingPathComponent("a.h5"))
    try folder.write(
      "store,tap,metric,value,low,high,n\nA,embed,separability,0.4,0.3,0.5,64\n", in: "prototypes", "prototypes.csv")
    try folder.write("", in: "prototypes", PrototypeFiles.pictures(.prototypes, of: "A"))
    var builder = folder.builder
    builder.openStore = { _ in MemoryPictures() }
    let summary = try builder.build()
    #expect(summary.files.contains("figures/prototypes-of-A.svg"))
    #expect(summary.files.contains { $0.hasPrefix("explorer/") })
    let check = try ReferenceCheck(folder.contents())
    #expect(check.problems.isEmpty, "\(check.problems.joined(separator: "\n"))")
    #expect(check.count > 80)
  }

  @Test func theCheckFindsWhatIsBroken() throws {
    let folder = try ResultsFolder()
    try folder.write(similarityCSV([("ViT", vitTaps)]), "similarity.csv")
    _ = try folder.builder.build()
    var files = try folder.contents()
    let name = try #require(files.keys.first { $0.hasSuffix(".pdf") })
    files[name] = nil
    files["stray.txt"] = Data()
    let page = try folder.page().replacing("</main>", with: "<a href=\"https://x.org/\" id=\"methods\">x</a></main>")
    files["index.html"] = Data(page.utf8)
    let problems = try ReferenceCheck(files).problems
    for part in ["no file \(name)", "nothing leads to stray.txt", "refers to https://x.org/", "methods stands 2 times"]
    {
      #expect(problems.contains { $0.contains(part) }, "\(part)")
    }
  }
}
