import COneDNN
import Tensors

/// oneDNN's processor engine and settings.
package enum OneDNN {
  /// Shared by all threads: oneDNN engines are immutable.
  nonisolated(unsafe) static let engine: dnnl_engine_t? = {
    var engine: dnnl_engine_t?
    return dnnl_engine_create(&engine, dnnl_cpu, 0) == dnnl_success ? engine : nil
  }()

  /// Keeps oneDNN's primitives on the calling thread.
  ///
  /// OpenMP holds this setting per thread, so every worker calls it before its first primitive.
  package static func useOneThread() {
    omp_set_num_threads(1)
  }

  /// How oneDNN multiplies matrices on this processor, in its own words; nil when it refuses.
  package static var productImplementation: String? {
    let shape = Shape([64, 64])
    guard let operand = try? memory(shape.dimensions), let weights = try? anyLayout([64, 64]),
      let attributes = try? PrimitiveAttributes()
    else { return nil }
    return try? MatrixProduct.description(operand, weights, nil, operand, attributes, "sample")
      .implementation
  }

  package static var versionDescription: String {
    guard let version = dnnl_version()?.pointee else { return "oneDNN" }
    return "oneDNN \(version.major).\(version.minor).\(version.patch)"
  }

  static func check(_ status: dnnl_status_t, _ call: String) throws {
    guard status == dnnl_success else {
      throw InferenceError.refused(name: "oneDNN", call: call, status: Int(status.rawValue))
    }
  }

  /// Describes a dense Float32 tensor; `tag` says in which order its axes lie.
  static func memory(_ dimensions: [Int], _ tag: dnnl_format_tag_t) throws -> dnnl_memory_desc_t {
    var description = dnnl_memory_desc_t()
    let extents = dimensions.map { dnnl_dim_t($0) }
    try check(
      dnnl_memory_desc_init_by_tag(
        &description, Int32(extents.count), extents, dnnl_f32, tag), "a memory description")
    return description
  }

  /// Describes a Float32 tensor whose layout oneDNN chooses.
  static func anyLayout(_ dimensions: [Int]) throws -> dnnl_memory_desc_t {
    try memory(dimensions, dnnl_format_tag_any)
  }

  /// Describes a Float32 tensor whose axes lie at stated distances; dense, last axis fastest, when
  /// none are stated.
  static func memory(_ dimensions: [Int], strides: [Int]? = nil) throws -> dnnl_memory_desc_t {
    var description = dnnl_memory_desc_t()
    let extents = dimensions.map { dnnl_dim_t($0) }
    let distances = (strides ?? Shape(dimensions).rowMajorStrides).map { dnnl_dim_t($0) }
    try check(
      dnnl_memory_desc_init_by_strides(
        &description, Int32(extents.count), extents, dnnl_f32, distances),
      "a memory description")
    return description
  }
}

/// A oneDNN memory object whose bytes are set before each use.
final class MemoryHandle {
  let handle: dnnl_memory_t?

  init(_ description: dnnl_memory_desc_t) throws {
    var memory: dnnl_memory_t?
    var description = description
    try OneDNN.check(
      dnnl_memory_create(&memory, &description, OneDNN.engine, nil), "a memory object")
    handle = memory
  }

  deinit {
    dnnl_memory_destroy(handle)
  }

  /// oneDNN does not tell what it reads from what it writes: what is only read stays as it is.
  func point(to bytes: UnsafeRawPointer?) {
    dnnl_memory_set_data_handle(handle, UnsafeMutableRawPointer(mutating: bytes))
  }
}

/// A oneDNN operation with its implementation chosen.
final class PrimitiveDescription {
  let handle: dnnl_primitive_desc_t?

  /// `operation`: the operation descriptor, such as a `dnnl_convolution_desc_t`.
  init<Operation>(
    _ operation: inout Operation, attributes: PrimitiveAttributes,
    hint: PrimitiveDescription? = nil
  ) throws {
    var primitive: dnnl_primitive_desc_t?
    let status = withUnsafePointer(to: &operation) {
      dnnl_primitive_desc_create(
        &primitive, UnsafeRawPointer($0), attributes.handle, OneDNN.engine, hint?.handle)
    }
    try OneDNN.check(status, "a \(Operation.self)")
    handle = primitive
  }

  private init(handle: dnnl_primitive_desc_t?) {
    self.handle = handle
  }

  /// How oneDNN computes it, in its own words.
  var implementation: String {
    var text: UnsafePointer<CChar>?
    dnnl_primitive_desc_query(handle, dnnl_query_impl_info_str, 0, &text)
    return text.map { String(cString: $0) } ?? "unknown"
  }

  deinit {
    dnnl_primitive_desc_destroy(handle)
  }

  func memory(_ what: dnnl_query_t) -> dnnl_memory_desc_t {
    dnnl_primitive_desc_query_md(handle, what, 0)?.pointee ?? dnnl_memory_desc_t()
  }

  var scratchBytes: Int {
    var description = memory(dnnl_query_scratchpad_md)
    return dnnl_memory_desc_get_size(&description)
  }
}

/// Fused operations and the choice that scratch memory comes from us.
final class PrimitiveAttributes {
  let handle: dnnl_primitive_attr_t?
  private let postOperations: dnnl_post_ops_t?

  init() throws {
    var attributes: dnnl_primitive_attr_t?
    try OneDNN.check(dnnl_primitive_attr_create(&attributes), "attributes")
    var operations: dnnl_post_ops_t?
    try OneDNN.check(dnnl_post_ops_create(&operations), "post-operations")
    dnnl_primitive_attr_set_scratchpad_mode(attributes, dnnl_scratchpad_mode_user)
    handle = attributes
    postOperations = operations
  }

  deinit {
    dnnl_post_ops_destroy(postOperations)
    dnnl_primitive_attr_destroy(handle)
  }

  /// Adds the result to what stands in its place.
  func appendSum() throws {
    try OneDNN.check(dnnl_post_ops_append_sum(postOperations, 1), "a fused addition")
    try apply()
  }

  func append(_ activation: Activation) throws {
    let function = activation.function
    try OneDNN.check(
      dnnl_post_ops_append_eltwise(
        postOperations, 1, function.algorithm, function.alpha, function.beta),
      "a fused activation")
    try apply()
  }

  private func apply() throws {
    try OneDNN.check(
      dnnl_primitive_attr_set_post_ops(handle, postOperations), "post-operations")
  }
}

/// A oneDNN operation with its arguments, ready to run on one thread.
final class Primitive {
  private let handle: dnnl_primitive_t?
  private let stream: dnnl_stream_t?
  private let memories: [MemoryHandle]
  private let arguments: [dnnl_exec_arg_t]

  /// `arguments`: argument numbers (`DNNL_ARG_SRC` …) with what they describe.
  init(_ description: PrimitiveDescription, _ arguments: [(Int32, dnnl_memory_desc_t)]) throws {
    var primitive: dnnl_primitive_t?
    try OneDNN.check(dnnl_primitive_create(&primitive, description.handle), "a primitive")
    var stream: dnnl_stream_t?
    try OneDNN.check(
      dnnl_stream_create(&stream, OneDNN.engine, dnnl_stream_default_flags.rawValue), "a stream")
    handle = primitive
    self.stream = stream
    let all = arguments + [(DNNL_ARG_SCRATCHPAD, description.memory(dnnl_query_scratchpad_md))]
    let memories = try all.map { try MemoryHandle($0.1) }
    self.memories = memories
    self.arguments = zip(all, memories).map { dnnl_exec_arg_t(arg: $0.0, memory: $1.handle) }
  }

  deinit {
    dnnl_stream_destroy(stream)
    dnnl_primitive_destroy(handle)
  }

  /// Points argument `index`, in the order given to `init`, at its bytes; the last is the scratchpad.
  func point(_ index: Int, to bytes: UnsafeRawPointer?) {
    memories[index].point(to: bytes)
  }

  func run() {
    let status = arguments.withUnsafeBufferPointer {
      dnnl_primitive_execute(handle, stream, Int32($0.count), $0.baseAddress)
    }
    precondition(status == dnnl_success, "oneDNN failed with status \(status.rawValue)")
    dnnl_stream_wait(stream)
  }
}

extension PrimitiveDescription {
  /// A copy from one layout into another.
  convenience init(
    reorderingFrom source: dnnl_memory_desc_t, to target: dnnl_memory_desc_t
  ) throws {
    var (from, to) = (source, target)
    let attributes = try PrimitiveAttributes()
    var description: dnnl_primitive_desc_t?
    try OneDNN.check(
      dnnl_reorder_primitive_desc_create(
        &description, &from, OneDNN.engine, &to, OneDNN.engine, attributes.handle), "a reorder")
    self.init(handle: description)
  }
}

/// Copies `source` into the layout `target`.
func reorder(
  _ source: UnsafePointer<Float>, _ sourceDescription: dnnl_memory_desc_t,
  into target: UnsafeMutableRawPointer, _ targetDescription: dnnl_memory_desc_t
) throws {
  let description = try PrimitiveDescription(
    reorderingFrom: sourceDescription, to: targetDescription)
  let primitive = try Primitive(
    description, [(DNNL_ARG_FROM, sourceDescription), (DNNL_ARG_TO, targetDescription)])
  let scratch = Arena(byteCount: description.scratchBytes)
  primitive.point(0, to: source)
  primitive.point(1, to: target)
  primitive.point(2, to: scratch.base)
  primitive.run()
}
