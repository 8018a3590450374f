/// What can be wrong with a model file.
package enum ModelError: Error, Equatable {
  case unreadable(path: String, reason: String)
  case notONNX(path: String)
  case truncated(path: String)
  case noGraphOutput(path: String)
  case opset(path: String, found: Int, supported: ClosedRange<Int>)
  case tooManyNodes(path: String, found: Int, most: Int)
  case tensor(path: String, tensor: String, reason: String)
  case externalDataOutside(path: String, tensor: String, location: String)
  case externalData(path: String, tensor: String, location: String, reason: String)
}

extension ModelError: CustomStringConvertible {
  package var description: String {
    switch self {
    case .unreadable(let path, let reason):
      "Cannot read model '\(path)': \(reason)."
    case .notONNX(let path):
      "'\(path)' is not an ONNX model. Export one with torch.onnx.export(model, ...)."
    case .truncated(let path):
      "'\(path)' is not a whole ONNX model: it ends early or is damaged. Copy or export it again."
    case .noGraphOutput(let path):
      "Model '\(path)' has no input or no output. Export it again with the classifier's output."
    case .opset(let path, let found, let supported):
      "Model '\(path)' uses opset \(found); opsets \(supported.lowerBound) to "
        + "\(supported.upperBound) are supported. Export it again with opset_version=17."
    case .tooManyNodes(let path, let found, let most):
      "Model '\(path)' has \(found) nodes; more than \(most) are refused. Is it a classifier?"
    case .tensor(let path, let tensor, let reason):
      "Tensor '\(tensor)' in model '\(path)' \(reason). Export the model again."
    case .externalDataOutside(let path, let tensor, let location):
      "Tensor '\(tensor)' in model '\(path)' points outside the model's folder ('\(location)'), "
        + "which is refused. Put the data file beside the model."
    case .externalData(let path, let tensor, let location, let reason):
      "Data file '\(location)' of tensor '\(tensor)' in model '\(path)' \(reason). "
        + "Copy it beside the model again."
    }
  }
}
