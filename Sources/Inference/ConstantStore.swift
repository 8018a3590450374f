import Synchronization
import Tensors

/// Constants as kernels want them in memory, made once and shared by all sessions of a network.
///
/// Weights are reordered for oneDNN, or laid channels last; a key names constant and form.
package final class ConstantStore: Sendable {
  private let buffers = Mutex<[String: ConstantBuffer]>([:])

  package init() {}

  /// The buffer for `key`, built on first use.
  package func buffer(
    _ key: String, build: () throws -> ConstantBuffer
  ) rethrows -> ConstantBuffer {
    if let found = buffers.withLock({ $0[key] }) { return found }
    let made = try build()
    return buffers.withLock { stored in
      if let first = stored[key] { return first }
      stored[key] = made
      return made
    }
  }
}

/// Aligned memory that is written before it is shared and only read after.
///
/// `@unchecked Sendable` holds because the only writes happen in `init`'s closure.
package final class ConstantBuffer: @unchecked Sendable {
  package let bytes: UnsafeMutableRawBufferPointer

  package init(byteCount: Int, _ fill: (UnsafeMutableRawBufferPointer) throws -> Void) rethrows {
    bytes = UnsafeMutableRawBufferPointer.allocate(byteCount: max(byteCount, 64), alignment: 64)
    try fill(bytes)
  }

  package convenience init(_ floats: [Float]) {
    self.init(byteCount: floats.count * MemoryLayout<Float>.stride) { bytes in
      floats.withUnsafeBytes { bytes.copyMemory(from: $0) }
    }
  }

  deinit {
    bytes.deallocate()
  }

  package var floats: UnsafeMutablePointer<Float> {
    bytes.bindMemory(to: Float.self).baseAddress.unsafelyUnwrapped
  }
}
