import Reports
import Testing

/// Expected HTML by hand, after CommonMark where it says anything of these.
@Suite struct MarkdownTests {
  @Test(arguments: [
    ("one\ntwo\n\nthree", "<p>one two</p>\n<p>three</p>\n"),
    ("a **bold *and* plain** word", "<p>a <strong>bold <em>and</em> plain</strong> word</p>\n"),
    ("***both***", "<p><strong><em>both</em></strong></p>\n"),
    ("top1_agreement and psnr_of_mean", "<p>top1_agreement and psnr_of_mean</p>\n"),
    ("_so_ it is, 2 * 3 * 4", "<p><em>so</em> it is, 2 * 3 * 4</p>\n"),
    ("`a*b*` and ``c`d``", "<p><code>a*b*</code> and <code>c`d</code></p>\n"),
    (
      "- one\n- two\n  goes on\n\n1. first\n2. second",
      "<ul>\n<li>one</li>\n<li>two goes on</li>\n</ul>\n<ol>\n<li>first</li>\n<li>second</li>\n</ol>\n"
    ),
    ("> said\n> so", "<blockquote><p>said so</p></blockquote>\n"),
    ("## Why", "<p><strong>Why</strong></p>\n"),
    ("```\n<b> *x*\n```", "<pre><code>&lt;b&gt; *x*</code></pre>\n"),
    ("a  \nb\\\nc", "<p>a<br>\nb<br>\nc</p>\n"),
    ("\\*not\\* & <b>raw</b>", "<p>*not* &amp; &lt;b&gt;raw&lt;/b&gt;</p>\n"),
    ("unclosed **bold and [link](", "<p>unclosed **bold and [link](</p>\n"),
    ("", ""),
  ])
  func textBecomesHTML(markdown: String, html: String) {
    #expect(Markdown(markdown).html == html)
    #expect(Markdown(markdown).problems.isEmpty)
  }

  @Test(arguments: [
    (
      "[Kornblith et al., 2019](https://arxiv.org/abs/1905.00414)", "https://arxiv.org/abs/1905.00414",
      "Kornblith et al., 2019"
    ),
    ("[a (b)](https://x.org/y_(z) \"title\")", "https://x.org/y_(z)", "a (b)"),
    ("<doi:10.1000/182>", "https://doi.org/10.1000/182", "doi:10.1000/182"),
    ("<mailto:a@b.org>", "mailto:a@b.org", "mailto:a@b.org"),
  ])
  func linksLeadOut(markdown: String, address: String, text: String) {
    #expect(
      Markdown(markdown).html == "<p><a href=\"\(address)\" rel=\"noopener noreferrer\">\(text)</a></p>\n")
  }

  @Test func bareAddressesEndBeforeTheSentenceDoes() {
    #expect(
      Markdown("(see https://x.org/a_b).").html
        == "<p>(see <a href=\"https://x.org/a_b\" rel=\"noopener noreferrer\">https://x.org/a_b</a>).</p>\n")
  }

  @Test func linksToFiguresAreCollected() {
    let text = Markdown("As [the curve](#quality-psnr) shows.")
    #expect(text.html == "<p>As <a href=\"#quality-psnr\">the curve</a> shows.</p>\n")
    #expect(text.targets == ["quality-psnr"])
  }

  @Test(arguments: [
    "[x](javascript:alert(1))", "[x](JAVASCRIPT:alert(1))", "[x](data:text/html,y)", "[x](file:///etc/passwd)",
    "[x](//evil.org)", "[x](results/a.csv)", "[x](https://)", "[x](https://a.org/\" onclick=alert(1))",
  ])
  func otherLinksAreTextAndAreNamed(markdown: String) {
    let text = Markdown(markdown)
    #expect(!text.html.contains("<a"))
    #expect(text.problems.count == 1)
    #expect(text.problems.first?.hasPrefix("'\(markdown)' is shown as it was typed") == true)
  }

  @Test func hostileTextEndsAndDoesNoHarm() {
    for text in [
      String(repeating: "[", count: 700), String(repeating: "**a", count: 500), String(repeating: "`", count: 599),
      "<script>alert(1)</script>", "[<img src=x onerror=alert(1)>](#a\"b)", "a\"\u{301}<x>",
    ] {
      let html = Markdown(text).html
      for harm in ["<script", "<img", "\"b"] { #expect(!html.contains(harm), "\(text.prefix(20))") }
    }
  }
}
