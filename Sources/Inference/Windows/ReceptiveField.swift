/// What one element of an operator's result reads of an input map, as height and width.
///
/// Result element *i* reads input elements *i* · `stride` − `padBefore` and the `extent` − 1 that
/// follow.
package struct ReceptiveField: Equatable, Sendable {
  package var extent = [1, 1]
  package var stride = [1, 1]
  package var padBefore = [0, 0]
  /// What the operator sees outside the map.
  package var filler: Float = 0

  /// Each element reads the one in its own place.
  package static let pointwise = ReceptiveField()
}

/// An operator whose result in a window follows from windows of its inputs.
package protocol WindowedOperator: Operator {
  /// The field in each input, nil for constants; nil when these inputs have no such rule.
  func receptiveFields(for inputs: [ValueDescription]) -> [ReceptiveField?]?

  /// The same operator on windows that were cut out with everything the result reads.
  var onWindows: any Operator { get }
}

extension WindowedOperator {
  package var onWindows: any Operator { self }

  /// The rule of operators that work element by element on one map.
  func pointwiseField(for inputs: [ValueDescription]) -> [ReceptiveField?] {
    [.pointwise] + inputs.dropFirst().map { _ in nil }
  }
}
