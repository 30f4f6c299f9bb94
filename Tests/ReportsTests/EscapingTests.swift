import Foundation
import Reports
import Testing

@Suite struct EscapingTests {
  @Test func htmlEscapesEveryScalar() {
    #expect(Escaping.html(hostileName) == "&lt;img src=x onerror=alert(1)&gt;.png")
    #expect(Escaping.html("\"\u{301}'\u{301}<\u{301}") == "&quot;\u{301}&#39;\u{301}&lt;\u{301}")
    #expect(Escaping.html("a\u{0}b") == "a\u{FFFD}b")
  }

  @Test func scriptDataCannotEndItsElement() throws {
    let names = ["</script>", "<!--", "]]>", "&amp;", "\u{2028}\u{2029}", "<\u{301}"]
    let text = Escaping.scriptData(try JSONEncoder().encode(names))
    for scalar in "<>&\u{2028}\u{2029}".unicodeScalars { #expect(!text.unicodeScalars.contains(scalar)) }
    #expect(try JSONDecoder().decode([String].self, from: Data(text.utf8)) == names)
  }

  @Test func latexEscapesEverySpecialCharacter() {
    #expect(Escaping.latex("a_b%c&d#e$f{g}") == "a\\_b\\%c\\&d\\#e\\$f\\{g\\}")
    #expect(Escaping.latex("\\input{x}~^") == "\\textbackslash{}input\\{x\\}\\textasciitilde{}\\textasciicircum{}")
    #expect(Escaping.latex("\"a|b\"\u{2212}") == "''a\\textbar{}b''$-$")
    #expect(Escaping.latex(hostileName) == "\\textless{}img src=x onerror=alert(1)\\textgreater{}.png")
  }
}
