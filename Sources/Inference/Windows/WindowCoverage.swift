/// How much of a network an edit of the image makes it compute again.
package struct WindowCoverage: Sendable {
  /// A step of the network: its operator and its node's label.
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
    let size = batch.nominal(dynamic: 1)
    let whole = try Program(graph, input: input, batchSize: size, outputs: [graph.outputs[0]])
    let plan = try WindowPlanner.plan(
      whole, extent: [height, width], region: .whole(input, height: height, width: width))
    return WindowCoverage(
      multiplyAdds: plan.program.multiplyAdds / size, withoutRule: plan.withoutRule)
  }
}
