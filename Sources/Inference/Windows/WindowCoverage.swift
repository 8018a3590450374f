/// How much of a network an edit of the image makes it compute again.
package struct WindowCoverage: Sendable {
  package struct Step: Equatable, Sendable {
    package let type: String
    package let label: String
  }

  /// Multiply-adds of one edit.
  package let multiplyAdds: Int
  /// Steps that had windows to read and whose operator has no rule for them: whole maps from there.
  package let withoutRule: [Step]
}

extension Network {
  /// What an edit of `height` × `width` pixels costs.
  ///
  /// - Throws: `InferenceError`.
  package func windowCoverage(height: Int, width: Int) throws -> WindowCoverage {
    var size = 1
    if case .fixed(let count) = batch { size = count }
    let whole = try Program(graph, input: input, batchSize: size)
    let placeholder = Arena(byteCount: 0)
    let map = ReferenceMap(pointer: placeholder.base.assumingMemoryBound(to: Float.self))
    let (program, withoutRule) = try WindowPlanner.plan(
      whole, extent: [height, width],
      region: .whole(input, height: height, width: width), positions: EditPositions(count: size),
      reference: { _ in map })
    return WindowCoverage(multiplyAdds: program.multiplyAdds / size, withoutRule: withoutRule)
  }
}
