import COneDNN
import Tensors

/// The data gradient of a convolution that reads an image of few channels, as a convolution of its
/// own whose results are blocks of the image.
///
/// oneDNN computes such a gradient one image channel in sixteen lanes. Here a pixel block of
/// `b` × `b` × `c` numbers is what one position computes: for stride `s`, `b` a multiple of it, row
/// `b·i + a` gathers from result rows `(b/s)·i + u` by tap `t = a + pad − s·u`.
///
/// Shapes: `∂y [n, oh, ow, o]` → blocks `[n, h/b, w/b, b·b·c]` → `∂x [n, h, w, c]`.
struct ImageGradient {
  /// Images of more channels fill the lanes by themselves.
  private static let mostChannels = 4
  /// Lanes that a block should fill.
  private static let lanes = 12

  private let x: Shape
  private let y: Shape
  private let block: [Int]
  private let stride: [Int]
  /// Of the convolution over the result's gradient.
  private let kernel: [Int]
  private let padBefore: [Int]
  private let padAfter: [Int]
  private let weights: Tensor
  private let weightsName: ValueName
  private let rearrangement: ConstantKey.Rearrangement

  /// Nil where oneDNN's own gradient is to be used.
  init?(_ convolution: Convolution, _ context: KernelContext) {
    let (x, y) = (context.inputs[0].shape, context.output.shape)
    guard let weights = context.inputs[1].constant, let numbers = weights.floats,
      convolution.groups == 1, x[1] <= ImageGradient.mostChannels,
      convolution.window.dilations == [1, 1],
      let placement = convolution.window.place(
        on: [x[2], x[3]], kernel: [weights.shape[2], weights.shape[3]])
    else { return nil }
    let strides = convolution.window.strides
    var block = strides
    while block[0] * block[1] * x[1] < ImageGradient.lanes {
      block = [block[0] + strides[0], block[1] + strides[1]]
    }
    guard x[2] % block[0] == 0, x[3] % block[1] == 0 else { return nil }
    var (first, kernel, after) = ([0, 0], [0, 0], [0, 0])
    for axis in 0..<2 {
      let (s, p, k) = (strides[axis], placement.padBefore[axis], placement.kernel[axis])
      // Smallest and largest result row that a block reads, beside (b/s)·i.
      first[axis] = -((k - 1 - p) / s)
      let last = (block[axis] - 1 + p) / s
      kernel[axis] = last - first[axis] + 1
      let rows = x[axis + 2] / block[axis]
      after[axis] =
        (rows - 1) * (block[axis] / s) + kernel[axis] - y[axis + 2] + first[axis]
    }
    guard first.allSatisfy({ $0 <= 0 }), after.allSatisfy({ $0 >= 0 }) else { return nil }
    self.x = x
    self.y = y
    self.block = block
    stride = zip(block, strides).map { $0 / $1 }
    self.kernel = kernel
    padBefore = first.map { -$0 }
    padAfter = after
    self.weights = ImageGradient.blockWeights(
      weights.shape, numbers, block: block, strides: strides, placement: placement, first: first,
      kernel: kernel)
    weightsName = context.inputs[1].name
    rearrangement = .imageBlocks(
      strides: strides, padBefore: placement.padBefore, first: first)
  }

  /// Weights `[b·b·c, o, u, v]` of the convolution that computes blocks.
  private static func blockWeights(
    _ shape: Shape, _ numbers: [Float], block: [Int], strides: [Int],
    placement: SlidingWindow.Placement, first: [Int], kernel: [Int]
  ) -> Tensor {
    let (outputs, channels) = (shape[0], shape[1])
    func tap(_ axis: Int, _ a: Int, _ u: Int) -> Int? {
      let t = a + placement.padBefore[axis] - strides[axis] * (u + first[axis])
      return (0..<shape[axis + 2]).contains(t) ? t : nil
    }
    let result: Shape = [block[0] * block[1] * channels, outputs, kernel[0], kernel[1]]
    var values = [Float](repeating: 0, count: result.count)
    var at = 0
    for a in 0..<block[0] {
      for b in 0..<block[1] {
        for c in 0..<channels {
          for o in 0..<outputs {
            for u in 0..<kernel[0] {
              for v in 0..<kernel[1] {
                if let i = tap(0, a, u), let j = tap(1, b, v) {
                  values[at] = numbers[((o * channels + c) * shape[2] + i) * shape[3] + j]
                }
                at += 1
              }
            }
          }
        }
      }
    }
    return Tensor(result, values)
  }

  func kernel(_ context: KernelContext) throws -> any Kernel {
    let blocks = [x[0], weights.shape[0], x[2] / block[0], x[3] / block[1]]
    var source = try OneDNN.memory(y.dimensions, dnnl_nhwc)
    var result = try OneDNN.memory(blocks, dnnl_nhwc)
    var anyWeights = try OneDNN.anyLayout(weights.shape.dimensions)
    var operation = dnnl_convolution_desc_t()
    try OneDNN.check(
      dnnl_convolution_forward_desc_init(
        &operation, dnnl_forward_inference, dnnl_convolution_direct, &source, &anyWeights, nil,
        &result, stride.wide, padBefore.wide, padAfter.wide),
      "the image gradient of node '\(context.label)'")
    let description = try PrimitiveDescription(&operation, attributes: PrimitiveAttributes())
    let packed = try context.constants.packed(
      weightsName, as: rearrangement, weights.floats ?? [],
      from: OneDNN.memory(weights.shape.dimensions, dnnl_oihw),
      to: description.memory(dnnl_query_weights_md))
    let convolution = try PrimitiveKernel(
      description,
      [
        (DNNL_ARG_SRC_0, source, .outputGradient()), (DNNL_ARG_DST_0, result, .workspace()),
        (DNNL_ARG_WEIGHTS_0, description.memory(dnnl_query_weights_md), .constant(packed)),
      ])
    return BlockKernel(
      convolution, blockBytes: blocks.reduce(1, *) * MemoryLayout<Float>.stride
    ) { [self] blocks, gradient in spread(blocks, gradient) }
  }

  /// Lays blocks beside each other.
  private func spread(
    _ blocks: UnsafeMutablePointer<Float>, _ gradient: UnsafeMutablePointer<Float>
  ) {
    let (columns, length) = (x[3] / block[1], block[1] * x[1])
    var source = blocks
    for row in 0..<x[0] * x[2] / block[0] {
      for column in 0..<columns {
        for a in 0..<block[0] {
          let target = gradient + ((row * block[0] + a) * columns + column) * length
          for i in 0..<length { target[i] = source[i] }
          source += length
        }
      }
    }
  }
}

/// A convolution into scratch memory, whose blocks are then laid out as an image.
private final class BlockKernel: Kernel {
  let scratchBytes: Int
  let workspaceBytes = 0
  private let convolution: any Kernel
  private let blockBytes: Int
  private let spread: (UnsafeMutablePointer<Float>, UnsafeMutablePointer<Float>) -> Void

  init(
    _ convolution: any Kernel, blockBytes: Int,
    spread: @escaping (UnsafeMutablePointer<Float>, UnsafeMutablePointer<Float>) -> Void
  ) {
    self.convolution = convolution
    self.blockBytes = MemoryPlan.align(blockBytes)
    self.spread = spread
    scratchBytes = self.blockBytes + convolution.scratchBytes
  }

  func run(_ buffers: Buffers) {
    guard let gradient = buffers.inputGradients[0] else { return }
    var own = buffers
    own.workspace = buffers.scratch
    own.scratch = buffers.scratch + blockBytes
    convolution.run(own)
    spread(buffers.scratch.assumingMemoryBound(to: Float.self), gradient)
  }
}
