/// Edits of one pass, by index.
struct EditBatch: Sendable {
  let region: EditRegion
  let edits: [Int]

  /// Edits evaluated in one pass.
  ///
  /// Small batches are as fast as large ones, stay in the cache, and divide any number of edits
  /// without remainder.
  private static let largest = 8

  /// Cuts edits into batches of one region each: of the largest size, then of halves of it, so that
  /// none is padded.
  static func cut(
    _ origins: [(row: Int, column: Int)], height: Int, width: Int, network: Network, batchSize: Int
  ) -> [EditBatch] {
    if case .fixed(let size) = network.batch {
      let region = EditRegion.whole(network.input, height: height, width: width)
      return stride(from: 0, to: origins.count, by: size).map {
        EditBatch(region: region, edits: Array($0..<min($0 + size, origins.count)))
      }
    }
    let regions = EditRegion.regions(
      network.input, height: height, width: width, edits: origins.count)
    return regions.flatMap { region -> [EditBatch] in
      var rest = origins.indices.filter { region.contains(origins[$0]) }[...]
      var batches: [EditBatch] = []
      var size = min(largest, batchSize)
      while !rest.isEmpty {
        while size > rest.count { size = max(1, size / 2) }
        batches.append(EditBatch(region: region, edits: Array(rest.prefix(size))))
        rest = rest.dropFirst(size)
      }
      return batches
    }
  }
}
