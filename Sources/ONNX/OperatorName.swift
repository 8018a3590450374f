/// What an operator is called: its type, in the domain that defines it.
package struct OperatorName: Hashable, Sendable {
  /// Empty for ONNX's own operators.
  package let domain: String
  /// ONNX's `op_type`.
  package let type: String

  package init(_ type: String, domain: String = "") {
    self.domain = domain
    self.type = type
  }
}

extension OperatorName: CustomStringConvertible {
  package var description: String { domain.isEmpty ? type : "\(domain).\(type)" }
}

extension OperatorName: Comparable {
  /// ONNX's own first, then domain by domain.
  package static func < (left: OperatorName, right: OperatorName) -> Bool {
    (left.domain, left.type) < (right.domain, right.type)
  }
}

extension Node {
  package var operatorName: OperatorName {
    get { OperatorName(type, domain: domain) }
    set { (type, domain) = (newValue.type, newValue.domain) }
  }
}
