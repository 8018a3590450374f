/// Places buffers in one arena so that those alive at the same step do not overlap.
///
/// Largest first, each at the lowest offset that is free during its life.
package struct MemoryPlan: Sendable {
  /// A buffer's size and the first and last step that touch it.
  package struct Request: Sendable {
    package let bytes: Int
    package let steps: ClosedRange<Int>

    package init(bytes: Int, steps: ClosedRange<Int>) {
      self.bytes = bytes
      self.steps = steps
    }
  }

  /// Offsets in request order, multiples of `alignment`.
  package let offsets: [Int]
  package let totalBytes: Int

  package static let alignment = 64

  package init(_ requests: [Request]) {
    var offsets = [Int](repeating: 0, count: requests.count)
    var placed: [(range: Range<Int>, steps: ClosedRange<Int>)] = []
    var total = 0
    let order = requests.indices.sorted {
      (requests[$0].bytes, $1) > (requests[$1].bytes, $0)
    }
    for index in order {
      let request = requests[index]
      let bytes = MemoryPlan.align(max(request.bytes, 1))
      let neighbours = placed.filter { $0.steps.overlaps(request.steps) }
        .sorted { $0.range.lowerBound < $1.range.lowerBound }
      var offset = 0
      for neighbour in neighbours {
        if neighbour.range.lowerBound >= offset + bytes { break }
        offset = max(offset, neighbour.range.upperBound)
      }
      offsets[index] = offset
      placed.append((offset..<offset + bytes, request.steps))
      total = max(total, offset + bytes)
    }
    self.offsets = offsets
    totalBytes = total
  }

  static func align(_ bytes: Int) -> Int {
    (bytes + alignment - 1) / alignment * alignment
  }
}

/// Zeroed memory to work in, of one executable or of one call.
final class Arena {
  let base: UnsafeMutableRawPointer

  init(byteCount: Int) {
    let size = max(byteCount, MemoryPlan.alignment)
    base = UnsafeMutableRawPointer.allocate(byteCount: size, alignment: MemoryPlan.alignment)
    base.initializeMemory(as: UInt8.self, repeating: 0, count: size)
  }

  convenience init(floats count: Int) {
    self.init(byteCount: count * MemoryLayout<Float>.stride)
  }

  deinit {
    base.deallocate()
  }

  /// All of it as numbers.
  var floats: UnsafeMutablePointer<Float> { base.assumingMemoryBound(to: Float.self) }
}
