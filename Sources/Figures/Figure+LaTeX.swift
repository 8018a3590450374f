extension Figure {
  /// A LaTeX float that includes the figure's PDF beside it, with its caption.
  package var latex: String {
    // Wider than a column of two: across both.
    let float = width > 5.5 ? "figure*" : "figure"
    return """
      \\begin{\(float)}
        \\centering
        \\includegraphics{\(name).pdf}
        \\caption{\(Figure.escaped([caption, note].filter { !$0.isEmpty }.joined(separator: " ")))}
        \\label{fig:\(name)}
      \\end{\(float)}

      """
  }

  private static let replacements: [Character: String] = [
    "\\": "\\textbackslash{}", "{": "\\{", "}": "\\}", "%": "\\%", "&": "\\&", "#": "\\#",
    "$": "\\$", "_": "\\_", "^": "\\^{}", "~": "\\~{}", "τ": "$\\tau$", "≥": "$\\geq$",
    "≤": "$\\leq$", "×": "$\\times$", "−": "$-$", "“": "``", "”": "''", "’": "'", "–": "--",
    "→": "$\\rightarrow$", "\u{a0}": "~", "…": "\\ldots{}", "✓": "correct", "✗": "wrong",
    "<": "$<$", ">": "$>$",
  ]

  private static func escaped(_ text: String) -> String {
    text.map { replacements[$0] ?? String($0) }.joined()
  }
}
