import ONNX

extension NodeReader {
  package func floats(_ name: String) throws -> [Float]? {
    switch node.attributes[name] {
    case nil: nil
    case .floats(let values): values
    default: throw failure("attribute '\(name)' is not a list of numbers")
    }
  }

  package func strings(_ name: String) throws -> [String]? {
    switch node.attributes[name] {
    case nil: nil
    case .strings(let values): values
    default: throw failure("attribute '\(name)' is not a list of strings")
    }
  }
}
