import Tensors

/// Evaluates small edits of one image, recomputing only what each can reach; belongs to one thread.
///
/// The unedited image is a session's that keeps its activations: its `forward` comes first, and
/// again whenever that image changes. Edits lie `[n, h, w, c]`.
package final class WindowedSession {
  package let batchSize: Int
  /// Multiply-adds of one edit.
  package let multiplyAdds: Int
  package let memoryBytes: Int

  private let reference: Session
  private let extent: [Int]
  private let region: EditRegion
  private let positions: EditPositions
  private let arena: Arena
  private let steps: [PreparedStep]
  private let constants: [ConstantBuffer]
  private let editPointer: UnsafeMutablePointer<Float>
  private let outputPointer: UnsafeMutablePointer<Float>

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
    var size = batchSize
    if case .fixed(let count) = network.batch { size = count }
    let positions = EditPositions(count: size)
    let whole = try Program(network.graph, input: network.input, batchSize: size)
    let program = try WindowPlanner.plan(
      whole, extent: [height, width], region: region, positions: positions,
      reference: { ReferenceMap(pointer: reference.activation($0)) }
    ).program
    let planner = try SessionPlanner(program, store: network.store, gradient: false)
    self.reference = reference
    self.batchSize = size
    self.positions = positions
    extent = [height, width]
    self.region = region
    multiplyAdds = program.multiplyAdds / size
    memoryBytes = planner.plan.totalBytes
    arena = Arena(byteCount: planner.plan.totalBytes)
    let bound = planner.bind(to: arena.base)
    steps = bound.forward
    editPointer = bound.inputs[0]
    outputPointer = bound.output
    constants = planner.constantBuffers
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
    for edit in 0..<batchSize {
      // What is left of a batch that the model fixes repeats the last edit.
      let source = min(edit, origins.count - 1)
      positions.origins[edit] = (
        origins[source].row - region.rows.lowerBound,
        origins[source].column - region.columns.lowerBound
      )
      fill(source, UnsafeMutableBufferPointer(start: editPointer + edit * size, count: size))
    }
    for step in steps { step.kernel.run(step.buffers) }
    return UnsafeBufferPointer(
      start: outputPointer, count: origins.count * reference.network.classCount)
  }
}
