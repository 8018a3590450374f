import COneDNN
import Synchronization
import Tensors

/// Constants as kernels want them in memory, made once and shared by all sessions of a network.
///
/// Weights are reordered for oneDNN, or laid channels last.
package final class ConstantStore: Sendable {
  private let buffers = Mutex<[ConstantKey: ConstantBuffer]>([:])

  package init() {}

  /// The buffer for `key`, built on first use.
  package func buffer(
    _ key: ConstantKey, build: () throws -> ConstantBuffer
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
  /// A constant's numbers in ONNX's order.
  func plain(_ value: ValueDescription) -> ConstantBuffer {
    buffer(ConstantKey(value.name, .stored(.rowMajor))) {
      ConstantBuffer(value.constant?.asFloats ?? [])
    }
  }

  /// Numbers in the layout that a primitive wants.
  ///
  /// `rearrangement`: what was done to the constant called `name` to make `numbers`.
  ///
  /// Throws `InferenceError.refused`.
  func packed(
    _ name: ValueName, as rearrangement: ConstantKey.Rearrangement = .none,
    _ numbers: @autoclosure () -> [Float],
    from plain: dnnl_memory_desc_t, to target: dnnl_memory_desc_t
  ) throws -> ConstantBuffer {
    var target = target
    // A square matrix and its transpose differ in where they come from alone.
    let key = ConstantKey(
      name,
      .packed(
        rearrangement, from: withUnsafeBytes(of: plain) { Array($0) },
        to: withUnsafeBytes(of: target) { Array($0) }))
    return try buffer(key) {
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

/// Which constant a buffer holds, and in which form.
package struct ConstantKey: Hashable, Sendable {
  /// What was done to a constant before it was packed.
  enum Rearrangement: Hashable, Sendable {
    case none
    case patches
    case patchGradients
    case imageBlocks(strides: [Int], padBefore: [Int], first: [Int])
  }

  enum Form: Hashable, Sendable {
    case stored(Layout)
    /// By the whole of oneDNN's two memory descriptions.
    case packed(Rearrangement, from: [UInt8], to: [UInt8])
  }

  private let name: ValueName
  private let form: Form

  init(_ name: ValueName, _ form: Form) {
    self.name = name
    self.form = form
  }
}

/// Aligned numbers that are written once, before anyone else sees them, and only read after.
///
/// `@unchecked Sendable` holds because the only writes happen in `init`.
package final class ConstantBuffer: @unchecked Sendable {
  package let bytes: UnsafeRawBufferPointer

  package init(byteCount: Int, _ fill: (UnsafeMutableRawBufferPointer) throws -> Void) rethrows {
    let memory = UnsafeMutableRawBufferPointer.allocate(
      byteCount: max(byteCount, MemoryPlan.alignment), alignment: MemoryPlan.alignment)
    _ = memory.bindMemory(to: Float.self)
    bytes = UnsafeRawBufferPointer(memory)
    try fill(memory)
  }

  package convenience init(_ floats: [Float]) {
    self.init(byteCount: floats.count * MemoryLayout<Float>.stride) { bytes in
      floats.withUnsafeBytes { bytes.copyMemory(from: $0) }
    }
  }

  deinit {
    bytes.deallocate()
  }

  package var floats: UnsafePointer<Float> {
    bytes.baseAddress.unsafelyUnwrapped.assumingMemoryBound(to: Float.self)
  }
}
