/// What stops a report.
package enum ReportError: Error, CustomStringConvertible {
  case template(path: String, reason: String)
  case noTemplates(searched: [String])

  package var description: String {
    switch self {
    case .template(let path, let reason):
      "Template '\(path)' \(reason). Check --templates."
    case .noTemplates(let searched):
      "The report templates were not found in \(searched.joined(separator: ", ")). "
        + "State their folder with --templates."
    }
  }
}
