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
