/// Signs that LaTeX sets by a command in every encoding of fonts, and how wide signs are.
enum LatexSymbols {
  struct Symbol {
    let text: String
    /// In points, at ten points.
    let width: Double
  }

  /// Commands of accents by their combining mark. The ogonek is not among them: pdfLaTeX has none in its usual encoding.
  static let accents: [Unicode.Scalar: String] = [
    "\u{300}": "`", "\u{301}": "'", "\u{302}": "^", "\u{303}": "~", "\u{304}": "=", "\u{306}": "u", "\u{307}": ".",
    "\u{308}": "\"", "\u{30A}": "r", "\u{30B}": "H", "\u{30C}": "v", "\u{323}": "d", "\u{327}": "c", "\u{331}": "b",
  ]

  static let symbols: [Unicode.Scalar: Symbol] = {
    var found: [Unicode.Scalar: Symbol] = [:]
    for (scalar, text, width) in LatexSymbols.plain { found[scalar] = Symbol(text: text, width: width) }
    for (scalar, command) in mathematics {
      found[scalar] = Symbol(text: "\\ensuremath{\\\(command)}", width: widest.contains(command) ? 16.4 : 10)
    }
    for (index, scalar) in "₀₁₂₃₄₅₆₇₈₉".unicodeScalars.enumerated() {
      found[scalar] = Symbol(text: "\\textsubscript{\(index)}", width: 4)
    }
    for (index, scalar) in "⁰¹²³⁴⁵⁶⁷⁸⁹".unicodeScalars.enumerated() {
      found[scalar] = Symbol(text: "\\textsuperscript{\(index)}", width: 4)
    }
    return found
  }()

  private static let plain: [(Unicode.Scalar, String, Double)] = [
    ("\\", "\\textbackslash{}", 5), ("{", "\\{", 5), ("}", "\\}", 5), ("$", "\\$", 5), ("&", "\\&", 7.78),
    ("#", "\\#", 8.33), ("%", "\\%", 8.33), ("_", "\\_", 3.6), ("~", "\\textasciitilde{}", 5),
    ("^", "\\textasciicircum{}", 5), ("<", "\\textless{}", 7.78), (">", "\\textgreater{}", 7.78),
    ("|", "\\textbar{}", 2.78),
    // \textquotedbl would need the T1 encoding; `` and ?` would become one sign.
    ("\"", "''", 5), ("`", "\\`{}", 5), ("\u{2212}", "$-$", 7.78),
    ("\u{A0}", "~", 3.34), ("\u{2009}", "\\,", 1.67), ("\u{202F}", "\\,", 1.67), ("\u{AD}", "\\-", 3.34),
    ("–", "--", 5), ("—", "---", 10), ("‐", "-", 3.34), ("‑", "-", 3.34), ("‒", "--", 5), ("―", "---", 10),
    ("‘", "`", 2.78), ("’", "'", 2.78), ("‚", ",", 2.78), ("“", "``", 5), ("”", "''", 5), ("„", ",{},", 5.6),
    ("…", "\\ldots{}", 13), ("ß", "\\ss{}", 5), ("æ", "\\ae{}", 7.22), ("Æ", "\\AE{}", 9.03), ("œ", "\\oe{}", 7.78),
    ("Œ", "\\OE{}", 10.14), ("ø", "\\o{}", 5), ("Ø", "\\O{}", 7.78), ("ł", "\\l{}", 2.78), ("Ł", "\\L{}", 6.25),
    ("ı", "\\i{}", 2.78), ("ȷ", "\\j{}", 3.06), ("¡", "!`", 2.78), ("¿", "?`", 4.72), ("ﬁ", "fi", 5.56),
    ("ﬂ", "fl", 5.56), ("©", "(c)", 12.3), ("®", "(R)", 15.2), ("™", "(TM)", 24.3), ("€", "EUR", 21.7),
    ("§", "\\ensuremath{\\mathsection}", 4.45), ("¶", "\\ensuremath{\\mathparagraph}", 6.12),
    ("†", "\\ensuremath{\\dagger}", 4.45),
    ("°", "\\ensuremath{^\\circ}", 4.5), ("′", "\\ensuremath{'}", 3), ("⁻", "\\ensuremath{^-}", 6.7),
    ("⁺", "\\ensuremath{^+}", 6.7),
  ]

  private static let widest: Set<String> = ["Longrightarrow", "longrightarrow", "Leftrightarrow", "mapsto"]

  /// By commands that stand for themselves in mathematics.
  private static let mathematics: [(Unicode.Scalar, String)] = [
    ("×", "times"), ("÷", "div"), ("±", "pm"), ("∓", "mp"), ("·", "cdot"), ("∙", "cdot"), ("•", "bullet"),
    ("≤", "leq"), ("≥", "geq"), ("≠", "neq"), ("≈", "approx"), ("≡", "equiv"), ("∼", "sim"), ("≃", "simeq"),
    ("≪", "ll"), ("≫", "gg"), ("«", "ll"), ("»", "gg"), ("∞", "infty"), ("∝", "propto"), ("∂", "partial"),
    ("∇", "nabla"), ("∑", "sum"), ("∏", "prod"), ("√", "surd"), ("∈", "in"), ("∉", "notin"), ("∪", "cup"),
    ("∩", "cap"), ("⊂", "subset"), ("⊆", "subseteq"), ("∅", "emptyset"), ("∧", "wedge"), ("∨", "vee"), ("¬", "neg"),
    ("∀", "forall"), ("∃", "exists"), ("→", "rightarrow"), ("←", "leftarrow"), ("↑", "uparrow"), ("↓", "downarrow"),
    ("↔", "leftrightarrow"), ("⇒", "Rightarrow"), ("⇐", "Leftarrow"), ("⇔", "Leftrightarrow"), ("↦", "mapsto"),
    ("⊕", "oplus"), ("⊗", "otimes"), ("⊙", "odot"), ("∘", "circ"), ("∗", "ast"), ("★", "star"), ("⋆", "star"),
    ("‖", "Vert"), ("∥", "parallel"), ("⊥", "perp"), ("ℓ", "ell"), ("ℏ", "hbar"), ("µ", "mu"),
    ("α", "alpha"), ("β", "beta"), ("γ", "gamma"), ("δ", "delta"), ("ε", "varepsilon"), ("ϵ", "epsilon"),
    ("ζ", "zeta"), ("η", "eta"), ("θ", "theta"), ("ϑ", "vartheta"), ("ι", "iota"), ("κ", "kappa"), ("λ", "lambda"),
    ("μ", "mu"), ("ν", "nu"), ("ξ", "xi"), ("ο", "mathit{o}"), ("π", "pi"), ("ρ", "rho"), ("ς", "varsigma"),
    ("σ", "sigma"), ("τ", "tau"), ("υ", "upsilon"), ("φ", "varphi"), ("ϕ", "phi"), ("χ", "chi"), ("ψ", "psi"),
    ("ω", "omega"), ("Γ", "Gamma"), ("Δ", "Delta"), ("∆", "Delta"), ("Θ", "Theta"), ("Λ", "Lambda"), ("Ξ", "Xi"),
    ("Π", "Pi"), ("Σ", "Sigma"), ("Υ", "Upsilon"), ("Φ", "Phi"), ("Ψ", "Psi"), ("Ω", "Omega"),
    ("Α", "mathrm{A}"), ("Β", "mathrm{B}"), ("Ε", "mathrm{E}"), ("Ζ", "mathrm{Z}"), ("Η", "mathrm{H}"),
    ("Ι", "mathrm{I}"), ("Κ", "mathrm{K}"), ("Μ", "mathrm{M}"), ("Ν", "mathrm{N}"), ("Ο", "mathrm{O}"),
    ("Ρ", "mathrm{P}"), ("Τ", "mathrm{T}"), ("Χ", "mathrm{X}"),
  ]

  /// Widths of the signs from space to tilde in thousandths of the type's size: `cmr10.tfm` and `cmbx10.tfm` of TeX (Knuth).
  private static let regular = [
    333, 278, 500, 833, 500, 833, 778, 278, 389, 389, 500, 778, 278, 333, 278, 500, 500, 500, 500, 500, 500, 500, 500,
    500, 500, 500, 278, 278, 278, 778, 472, 472, 778, 750, 708, 722, 764, 681, 653, 785, 750, 361, 514, 778, 625, 917,
    750, 778, 681, 778, 736, 556, 722, 750, 750, 1028, 750, 750, 611, 278, 500, 278, 500, 278, 278, 500, 556, 444, 556,
    444, 306, 500, 556, 278, 306, 528, 278, 833, 556, 500, 556, 528, 392, 394, 389, 556, 528, 722, 528, 528, 444, 500,
    1000, 500, 500,
  ]
  private static let bold = [
    383, 350, 603, 958, 575, 958, 894, 319, 447, 447, 575, 894, 319, 383, 319, 575, 575, 575, 575, 575, 575, 575, 575,
    575, 575, 575, 319, 319, 350, 894, 543, 543, 894, 869, 818, 831, 882, 756, 724, 904, 900, 436, 594, 901, 692, 1092,
    900, 864, 786, 864, 862, 639, 800, 885, 869, 1189, 869, 869, 703, 319, 603, 319, 575, 319, 319, 559, 639, 511, 639,
    527, 351, 575, 639, 319, 351, 607, 319, 958, 639, 575, 639, 607, 474, 454, 447, 639, 607, 831, 607, 607, 511, 575,
    1150, 575, 575,
  ]

  /// In points, at ten points.
  static func width(_ scalar: Unicode.Scalar, isBold: Bool) -> Double {
    let index = Int(scalar.value) - 0x20
    let widths = isBold ? bold : regular
    return Double(widths.indices.contains(index) ? widths[index] : 1000) / 100
  }
}
