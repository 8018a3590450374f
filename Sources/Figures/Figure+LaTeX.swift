extension Figure {
  /// A LaTeX float that includes the figure's PDF beside it, with its caption.
  package var latex: String {
    """
    \\begin{figure}
      \\centering
      \\includegraphics{\(name).pdf}
      \\caption{\(Figure.escaped(caption))}
      \\label{fig:\(name)}
    \\end{figure}

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
