/// What one thread needs to evaluate edits.
///
/// `@unchecked Sendable` holds because each lane is run by one thread at a time.
final class EditLane: @unchecked Sendable {
  private struct Key: Hashable {
    let region: EditRegion
    let batchSize: Int
  }

  private let reference: Session
  /// For edits of one extent.
  private var sessions: [Key: WindowedSession] = [:]
  private var extent = [0, 0]

  init(_ reference: Session) {
    self.reference = reference
  }

  /// `willMake`: called before each session is made.
  func prepare(
    _ batches: [EditBatch], _ height: Int, _ width: Int, _ willMake: () throws -> Void
  ) throws {
    // Superpixels of another image have another extent: what was made for the last goes.
    if extent != [height, width] { sessions = [:] }
    extent = [height, width]
    for batch in batches where sessions[key(batch)] == nil {
      try willMake()
      sessions[key(batch)] = try WindowedSession(
        reference, batchSize: batch.edits.count, height: height, width: width,
        region: batch.region)
    }
  }

  /// A model that fixes its batch has one session for any number of edits.
  private func key(_ batch: EditBatch) -> Key {
    Key(
      region: batch.region,
      batchSize: reference.network.batch.nominal(dynamic: batch.edits.count))
  }

  func run(
    _ batch: EditBatch, _ origins: [(row: Int, column: Int)],
    _ fill: (Int, UnsafeMutableBufferPointer<Float>) -> Void
  ) -> UnsafeBufferPointer<Float> {
    guard let session = sessions[key(batch)] else {
      preconditionFailure("the session was prepared")
    }
    return session.forward(origins: batch.edits.map { origins[$0] }) { fill(batch.edits[$0], $1) }
  }
}

/// Results that several threads write, each its own part.
///
/// `@unchecked Sendable` holds because parts do not overlap and are read after all threads ended.
final class EditResults: @unchecked Sendable {
  private let buffer: UnsafeMutableBufferPointer<Float>
  private let classes: Int

  init(count: Int, classes: Int) {
    buffer = .allocate(capacity: count * classes)
    buffer.initialize(repeating: 0)
    self.classes = classes
  }

  deinit {
    buffer.deallocate()
  }

  /// `outputs`: `[edits.count, classes]`.
  func store(_ outputs: UnsafeBufferPointer<Float>, of edits: [Int]) {
    for (position, edit) in edits.enumerated() {
      for c in 0..<classes { buffer[edit * classes + c] = outputs[position * classes + c] }
    }
  }

  var values: [Float] { Array(buffer) }
}
