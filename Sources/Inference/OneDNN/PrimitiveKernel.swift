import COneDNN

/// A oneDNN primitive between the buffers of a step.
final class PrimitiveKernel: Kernel {
  /// Where an argument's bytes lie.
  enum Place {
    /// Input, with the elements to skip at its start.
    case input(Int, offset: Int = 0)
    case output(Int = 0, offset: Int = 0)
    case inputGradient(Int, offset: Int = 0)
    case outputGradient(Int = 0, offset: Int = 0)
    case workspace(offset: Int = 0)
    case constant(ConstantBuffer)
  }

  /// An argument number (`DNNL_ARG_SRC` …) with what it describes.
  typealias Argument = (number: Int32, description: dnnl_memory_desc_t, place: Place)

  let scratchBytes: Int
  let workspaceBytes: Int
  private let primitive: Primitive
  private let places: [Place]

  /// - Throws: `InferenceError.refused`.
  init(
    _ description: PrimitiveDescription, _ arguments: [Argument], workspaceBytes: Int = 0
  ) throws {
    primitive = try Primitive(description, arguments.map { ($0.number, $0.description) })
    places = arguments.map(\.place)
    scratchBytes = description.scratchBytes
    self.workspaceBytes = workspaceBytes
  }

  /// Does nothing when the gradient it would write is not wanted.
  func run(_ buffers: Buffers) {
    for (index, place) in places.enumerated() {
      guard let bytes = bytes(place, buffers) else { return }
      primitive.point(index, to: bytes)
    }
    primitive.point(places.count, to: buffers.scratch)
    primitive.run()
  }

  private func bytes(_ place: Place, _ buffers: Buffers) -> UnsafeRawPointer? {
    switch place {
    case .input(let index, let offset): UnsafeRawPointer(buffers.input(index) + offset)
    case .output(let index, let offset): UnsafeRawPointer(buffers.outputs[index] + offset)
    case .inputGradient(let index, let offset):
      buffers.inputGradients[index].map { UnsafeRawPointer($0 + offset) }
    case .outputGradient(let index, let offset):
      buffers.outputGradients[index].map { UnsafeRawPointer($0 + offset) }
    case .workspace(let offset):
      UnsafeRawPointer(buffers.workspace + offset * MemoryLayout<Float>.stride)
    case .constant(let buffer): buffer.bytes.baseAddress
    }
  }
}

/// Copies an input to where a primitive will add its result, unless it stands there already.
final class AddendKernel: Kernel {
  let scratchBytes = 0
  let workspaceBytes = 0
  private let input: Int
  private let count: Int
  private let toWorkspace: Bool

  init(input: Int, count: Int, toWorkspace: Bool) {
    self.input = input
    self.count = count
    self.toWorkspace = toWorkspace
  }

  func run(_ buffers: Buffers) {
    let source = buffers.input(input)
    let target =
      toWorkspace ? buffers.workspace.assumingMemoryBound(to: Float.self) : buffers.output
    if source != UnsafePointer(target) { target.update(from: source, count: count) }
  }
}

/// Kernels one after another, such as one for each input's gradient.
///
/// They share scratch memory and workspace.
final class KernelSequence: Kernel {
  let scratchBytes: Int
  let workspaceBytes: Int
  private let kernels: [any Kernel]

  init(_ kernels: [any Kernel], workspaceBytes: Int = 0) {
    self.kernels = kernels
    scratchBytes = kernels.map(\.scratchBytes).max() ?? 0
    self.workspaceBytes = max(workspaceBytes, kernels.map(\.workspaceBytes).max() ?? 0)
  }

  func run(_ buffers: Buffers) {
    for kernel in kernels { kernel.run(buffers) }
  }
}
