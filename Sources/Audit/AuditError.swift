/// What stops an audit.
package enum AuditError: Error, Equatable {
  case notFinite(model: String, image: String, node: String?)
  case noLabels(path: String)
  case noImages(path: String)
  case unreachableThreshold(String)
  case classCounts([String])
  case inputSizes([String])
  case option(name: String, reason: String)
  case accuracy(model: String, found: Double, expected: Double)
  case outputFolder(path: String, reason: String)
  case record(path: String, reason: String)
  case notARunDirectory(path: String)
  case duplicateModels(names: [String])
  /// The disk is full or failing.
  case write(path: String)
  /// An `audit.json` that cannot be read.
  case auditFile(path: String, reason: String)
  /// `place`: file and line.
  case policy(place: String, reason: String)
  /// Two runs that share nothing.
  case incomparable(String)
  /// A model with several outputs, of which none is known to be the classes'.
  case whichOutput(model: String, outputs: [String], reason: String)
  /// Graph and numbers disagree about what an output is.
  case whichNumbers(model: String, graph: String, numbers: String)
  /// Which index is which class is in doubt.
  case classOrders(String)
  /// Accuracy that chance gives too.
  case chance(model: String, accuracy: String, classes: Int)
  /// Asked to stop from outside.
  case interrupted
}

extension AuditError: CustomStringConvertible {
  package var description: String {
    switch self {
    case .notFinite(let model, let image, let node):
      "Model '\(model)' gives NaN or infinity for image '\(image)'"
        + (node.map { ", first at node '\($0)'" } ?? "")
        + ". Check the preprocessing (--mean, --std, --scale) and the weights."
    case .noLabels(let path):
      "'\(path)' has no labels; an audit compares correct with wrong decisions. Put a labels file "
        + "beside the images or state one with --labels."
    case .noImages(let path):
      "No image of '\(path)' is left to audit. Check --limit and --split."
    case .unreachableThreshold(let text):
      "Threshold '\(text)' is not between 0 and 1, both excluded. Use --thresholds 0.5,0.9,0.99."
    case .classCounts(let models):
      "The models disagree on the number of classes: \(models.joined(separator: ", ")). "
        + "Audit them separately."
    case .inputSizes(let models):
      "The models disagree on the image size: \(models.joined(separator: ", ")). Subsets cannot "
        + "be moved between them; audit them separately."
    case .option(let name, let reason):
      "\(name): \(reason)" + (reason.hasSuffix("?") ? "" : ".")
    case .accuracy(let model, let found, let expected):
      "Model '\(model)' has an accuracy of \(percent(found)) where \(percent(expected)) was expected "
        + "(--expect-accuracy). Preprocessing or label order is probably wrong; nothing was audited."
    case .outputFolder(let path, let reason):
      "Cannot write to the output folder '\(path)': \(reason). Choose another with -o."
    case .record(let path, let reason):
      "Record '\(path)' \(reason). Run the audit again: it makes what is missing."
    case .notARunDirectory(let path):
      "'\(path)' is not the output folder of an audit: it holds no records/plan.json."
    case .duplicateModels(let names):
      "The models \(listed(names.map { "'\($0)'" })) would share files and pages of the report. "
        + "Rename one of the files."
    case .write(let path):
      "Cannot write to '\(path)': the disk may be full. What was finished is kept; the same command "
        + "continues."
    case .auditFile(let path, let reason):
      "'\(path)' \(reason). Name the output folder of a finished audit, or its audit.json."
    case .policy(let place, let reason):
      "\(place): \(reason)" + (reason.hasSuffix("?") ? "" : ".")
    case .incomparable(let reason):
      "The two runs cannot be compared: \(reason)."
    case .whichOutput(let model, let outputs, let reason):
      "Model '\(model)' has the outputs \(outputs.joined(separator: ", ")): \(reason). State the "
        + "classes' with --output-name."
    case .whichNumbers(let model, let graph, let numbers):
      "What the output of model '\(model)' is cannot be told: \(graph), and \(numbers). State "
        + "--output logits, probabilities, log-probabilities or sigmoid."
    case .classOrders(let reason):
      "The order of the classes: \(reason)."
    case .chance(let model, let accuracy, let classes):
      "Model '\(model)' has an accuracy of \(accuracy), no better than chance or one answer for all "
        + "among \(classes) classes: it is probably read wrong. 'overinterp doctor' tries the usual "
        + "other readings; an audit stops here unless --any-accuracy is stated."
    case .interrupted:
      "Stopped on request. What was finished is kept; the same command continues."
    }
  }

  private func percent(_ fraction: Double) -> String {
    "\((fraction * 1000).rounded() / 10)%"
  }
}
