import Tensors

/// Evaluates small edits of one image, recomputing only what each can reach; belongs to one thread.
///
/// The unedited image is a session's that keeps its activations: its `forward` comes first, and
/// again whenever that image changes. Edits lie `[n, h, w, c]`.
package final class WindowedSession {
  /// The most edits per pass.
  package let batchSize: Int
  /// Multiply-adds of one edit.
  package let multiplyAdds: Int

  /// Its activations are inputs of `executable`.
  private let reference: Session
  private let extent: [Int]
  private let region: EditRegion
  private let executable: Executable
  private let edits: ValueDescription
  private let positions: ValueDescription

  /// Prepares primitives and memory.
  ///
  /// `reference`: a session that keeps its activations.
  ///
  /// `batchSize`: edits per pass; a fixed batch of the model takes precedence.
  ///
  /// `height`, `width`: of an edit, in pixels.
  ///
  /// `region`: where edits may begin; nil for everywhere.
  ///
  /// Throws `InferenceError`.
  package init(
    _ reference: Session, batchSize: Int, height: Int, width: Int, region: EditRegion? = nil
  ) throws {
    let network = reference.network
    let region = region ?? .whole(network.input, height: height, width: width)
    let size = network.batch.nominal(dynamic: batchSize)
    let whole = try Program(
      network.graph, input: network.input, batchSize: size, outputs: [network.graph.outputs[0]])
    let plan = try WindowPlanner.plan(whole, extent: [height, width], region: region)
    self.reference = reference
    self.batchSize = size
    extent = [height, width]
    self.region = region
    multiplyAdds = plan.program.multiplyAdds / size
    edits = plan.edits
    positions = plan.positions
    executable = try Executable(
      plan.program, store: network.store,
      Executable.Demands(
        external: plan.references.mapValues { UnsafePointer(reference.executable.value($0)) }))
  }

  /// Computes outputs `[count, classes]` for up to `batchSize` edits.
  ///
  /// `origins`: first row and column of each edit, in the session's region.
  ///
  /// `fill`: writes edit `i` as `[h, w, c]`.
  package func forward(
    origins: [(row: Int, column: Int)],
    fill: (Int, UnsafeMutableBufferPointer<Float>) -> Void
  ) -> UnsafeBufferPointer<Float> {
    let size = extent[0] * extent[1] * reference.network.input.channels
    precondition((1...batchSize).contains(origins.count), "\(origins.count) edits in a batch")
    let (edits, positions) = (executable.input(edits.name), executable.input(positions.name))
    for edit in 0..<batchSize {
      // What is left of a batch that the model fixes repeats the last edit.
      let source = min(edit, origins.count - 1)
      positions[2 * edit] = Float(origins[source].row - region.rows.lowerBound)
      positions[2 * edit + 1] = Float(origins[source].column - region.columns.lowerBound)
      fill(source, UnsafeMutableBufferPointer(start: edits + edit * size, count: size))
    }
    executable.run()
    return UnsafeBufferPointer(
      start: executable.value(executable.program.outputs[0].name),
      count: origins.count * reference.network.classCount)
  }
}
