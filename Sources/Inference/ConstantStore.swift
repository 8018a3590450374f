import COneDNN
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

extension ConstantStore {
  /// Numbers in the layout that a primitive wants.
  ///
  /// - Throws: `InferenceError.refused`.
  func packed(
    _ name: String, _ numbers: @autoclosure () -> [Float],
    from plain: dnnl_memory_desc_t, to target: dnnl_memory_desc_t
  ) throws -> ConstantBuffer {
    var target = target
    // A square matrix and its transpose differ in where they come from alone.
    let layouts = withUnsafeBytes(of: (plain, target)) { bytes in
      bytes.reduce(into: Hasher64()) { $0.add($1) }.value
    }
    return try buffer("\(name)#\(layouts)") {
      try ConstantBuffer(byteCount: dnnl_memory_desc_get_size(&target)) { bytes in
        guard let base = bytes.baseAddress else { return }
        try numbers().withUnsafeBufferPointer { buffer in
          guard let first = buffer.baseAddress else { return }
          try reorder(first, plain, into: base, target)
        }
      }
    }
  }
}

/// FNV-1a, to tell layouts of one constant apart.
private struct Hasher64 {
  private(set) var value: UInt64 = 0xcbf2_9ce4_8422_2325

  mutating func add(_ byte: UInt8) {
    value = (value ^ UInt64(byte)) &* 0x100_0000_01b3
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
