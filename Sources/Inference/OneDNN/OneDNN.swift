import COneDNN

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

  func point(to bytes: UnsafeMutableRawPointer?) {
    dnnl_memory_set_data_handle(handle, bytes)
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

  /// Adds another tensor of the result's shape to the result.
  func appendAddition(_ operand: dnnl_memory_desc_t) throws {
    var operand = operand
    try OneDNN.check(
      dnnl_post_ops_append_binary(postOperations, dnnl_binary_add, &operand), "a fused addition")
    try apply()
  }

  func append(_ activation: Activation) throws {
    switch activation {
    case .relu:
      try OneDNN.check(
        dnnl_post_ops_append_eltwise(postOperations, 1, dnnl_eltwise_relu, 0, 0), "a fused Relu")
    case .clip(let low, let high):
      try OneDNN.check(
        dnnl_post_ops_append_eltwise(postOperations, 1, dnnl_eltwise_clip, low, high),
        "a fused Clip")
    }
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
  func point(_ index: Int, to bytes: UnsafeMutableRawPointer?) {
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

/// Copies `source` into the layout `target`.
func reorder(
  _ source: UnsafePointer<Float>, _ sourceDescription: dnnl_memory_desc_t,
  into target: UnsafeMutableRawPointer, _ targetDescription: dnnl_memory_desc_t
) throws {
  var from = sourceDescription
  var to = targetDescription
  var description: dnnl_primitive_desc_t?
  try OneDNN.check(
    dnnl_reorder_primitive_desc_create(
      &description, &from, OneDNN.engine, &to, OneDNN.engine, nil), "a reorder")
  defer { dnnl_primitive_desc_destroy(description) }
  var primitive: dnnl_primitive_t?
  try OneDNN.check(dnnl_primitive_create(&primitive, description), "a reorder")
  defer { dnnl_primitive_destroy(primitive) }
  var stream: dnnl_stream_t?
  try OneDNN.check(
    dnnl_stream_create(&stream, OneDNN.engine, dnnl_stream_default_flags.rawValue), "a stream")
  defer { dnnl_stream_destroy(stream) }
  let sourceMemory = try MemoryHandle(sourceDescription)
  sourceMemory.point(to: UnsafeMutableRawPointer(mutating: source))
  let targetMemory = try MemoryHandle(targetDescription)
  targetMemory.point(to: target)
  let arguments = [
    dnnl_exec_arg_t(arg: DNNL_ARG_FROM, memory: sourceMemory.handle),
    dnnl_exec_arg_t(arg: DNNL_ARG_TO, memory: targetMemory.handle),
  ]
  try OneDNN.check(
    dnnl_primitive_execute(primitive, stream, Int32(arguments.count), arguments), "a reorder")
  dnnl_stream_wait(stream)
}
