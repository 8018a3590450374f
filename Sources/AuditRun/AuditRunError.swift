import Audit

/// What keeps a model or data from being audited, found where networks run.
package enum AuditRunError: Error, Equatable {
  case notFinite(model: String, image: String, node: String?)
  case noLabels(path: String)
  /// No image was finished before time ended.
  case noTime(limit: String)
  case noImages(path: String)
  case classCounts([String])
  case inputSizes([String])
  case accuracy(model: String, found: Double, expected: Double)
  case duplicateModels(names: [String])
  /// An image that is not what it was when the audit was planned.
  case imageChanged(name: String)
  /// A model with several outputs, of which none is known to be the classes'.
  case whichOutput(model: String, outputs: [String], reason: String)
  /// Graph and numbers disagree about what an output is.
  case whichNumbers(model: String, graph: String, numbers: String)
  /// Which index is which class is in doubt.
  case classOrders(String)
  /// Accuracy that chance gives too.
  case chance(model: String, accuracy: String, classes: Int)
}

extension AuditRunError: CustomStringConvertible {
  package var description: String {
    switch self {
    case .notFinite(let model, let image, let node):
      "Model '\(model)' gives NaN or infinity for image '\(image)'"
        + (node.map { ", first at node '\($0)'" } ?? "")
        + ". Check the preprocessing (--mean, --std, --scale) and the weights."
    case .noTime(let limit):
      "No image was finished within --time \(limit). What was begun is kept: the same command goes on "
        + "from there; give it more time."
    case .noLabels(let path):
      "'\(path)' has no labels; an audit compares correct with wrong decisions. Put a labels file "
        + "beside the images or state one with --labels."
    case .noImages(let path):
      "No image of '\(path)' is left to audit. Check --limit and --split."
    case .classCounts(let models):
      "The models disagree on the number of classes: \(models.joined(separator: ", ")). "
        + "Audit them separately."
    case .inputSizes(let models):
      "The models disagree on the image size: \(models.joined(separator: ", ")). Subsets cannot "
        + "be moved between them; audit them separately."
    case .accuracy(let model, let found, let expected):
      "Model '\(model)' has an accuracy of \(percent(found)) where \(percent(expected)) was expected "
        + "(--expect-accuracy). Preprocessing or label order is probably wrong; nothing was audited."
    case .duplicateModels(let names):
      "The models \(listed(names.map { "'\($0)'" })) would share files and pages of the report. "
        + "Rename one of the files."
    case .imageChanged(let name):
      "Image '\(name)' is not what it was when the audit was planned: somebody changed the data. Audit it "
        + "into another folder."
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
    }
  }

  private func percent(_ fraction: Double) -> String {
    "\((fraction * 1000).rounded() / 10)%"
  }
}
