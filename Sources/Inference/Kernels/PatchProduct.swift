import COneDNN
import Tensors

/// A convolution as one matrix product of patches, for maps of a few pixels.
///
/// oneDNN's convolutions take one row of a map at a time: rows of four pixels leave most of the
/// processor idle. Shapes: patches `[n·oh·ow, kh·kw·c]`, weights `[kh·kw·c, o]`.
struct PatchProduct {
  /// Rows up to this many pixels are faster as patches.
  private static let widest = 4
  /// Patches below this size are not worth collecting.
  private static let fewestElements = 512
  /// Patches are collected in pieces that stay in the processor's cache.
  private static let mostPatchBytes = 4 << 20

  let images: Int
  let height: Int
  let width: Int
  let channels: Int
  let outputs: Int
  let resultHeight: Int
  let resultWidth: Int
  let placement: SlidingWindow.Placement
  let strides: [Int]
  let dilations: [Int]

  /// Nil where oneDNN's own convolution is faster.
  init?(_ convolution: Convolution, _ context: KernelContext) {
    let (x, w, y) = (context.inputs[0].shape, context.inputs[1].shape, context.output.shape)
    guard convolution.groups == 1, w[2] * w[3] > 1, y[3] <= PatchProduct.widest,
      w[1] * w[2] * w[3] >= PatchProduct.fewestElements,
      let placement = convolution.window.place(on: [x[2], x[3]], kernel: [w[2], w[3]])
    else { return nil }
    images = x[0]
    (height, width, channels) = (x[2], x[3], x[1])
    (outputs, resultHeight, resultWidth) = (y[1], y[2], y[3])
    self.placement = placement
    strides = convolution.window.strides
    dilations = convolution.window.dilations
  }

  private var patchCount: Int { placement.kernel[0] * placement.kernel[1] * channels }

  /// Images of one piece: the most that divide the batch.
  private var imagesPerPiece: Int {
    let bytes = resultHeight * resultWidth * patchCount * MemoryLayout<Float>.stride
    let most = max(1, PatchProduct.mostPatchBytes / bytes)
    return (1...images).last { images % $0 == 0 && $0 <= most } ?? 1
  }

  /// Calls `body` for each place of each patch with its offset in the map, nil outside, and in the
  /// patches of one image.
  private func forEachPlace(_ body: (Int?, Int) -> Void) {
    var target = 0
    for row in 0..<resultHeight {
      for column in 0..<resultWidth {
        for i in 0..<placement.kernel[0] {
          let y = row * strides[0] - placement.padBefore[0] + i * dilations[0]
          for j in 0..<placement.kernel[1] {
            let x = column * strides[1] - placement.padBefore[1] + j * dilations[1]
            let isInside = (0..<height).contains(y) && (0..<width).contains(x)
            body(isInside ? (y * width + x) * channels : nil, target)
            target += channels
          }
        }
      }
    }
  }

  /// `bias`: a constant `[o]`; `addsToResult`: whether the result holds what is added.
  func forward(
    weights: ValueDescription, bias: ConstantBuffer?, addsToResult: Bool, activation: Activation?,
    to place: PrimitiveKernel.Place, _ context: KernelContext
  ) throws -> any Kernel {
    let attributes = try PrimitiveAttributes()
    if addsToResult { try attributes.appendSum() }
    if let activation { try attributes.append(activation) }
    let rows = imagesPerPiece * resultHeight * resultWidth
    let patches = try OneDNN.memory([rows, patchCount])
    let result = try OneDNN.memory([rows, outputs])
    let biasDescription = try bias.map { _ in try OneDNN.memory([1, outputs]) }
    let description = try MatrixProduct.description(
      patches, OneDNN.anyLayout([patchCount, outputs]), biasDescription, result, attributes,
      context.label)
    let packed = try context.constants.packed(
      weights.name, as: .patches, weights.constant?.transposed([2, 3, 1, 0]).asFloats ?? [],
      from: OneDNN.memory([patchCount, outputs]), to: description.memory(dnnl_query_weights_md))
    var arguments: [PrimitiveKernel.Argument] = [
      (DNNL_ARG_SRC_0, patches, .workspace()), (DNNL_ARG_DST_0, result, place),
      (DNNL_ARG_WEIGHTS_0, description.memory(dnnl_query_weights_md), .constant(packed)),
    ]
    if let bias, let biasDescription {
      arguments.append((DNNL_ARG_BIAS, biasDescription, .constant(bias)))
    }
    return PatchKernel(
      product: try PrimitiveKernel(description, arguments), pieces: images / imagesPerPiece,
      patchBytes: rows * patchCount * MemoryLayout<Float>.stride,
      resultCount: rows * outputs, isGradient: false
    ) { [self] buffers, piece, patches in
      collect(buffers.input(0) + piece * imagesPerPiece * height * width * channels, patches)
    }
  }

  private func collect(
    _ source: UnsafePointer<Float>, _ patches: UnsafeMutablePointer<Float>
  ) {
    let perImage = resultHeight * resultWidth * patchCount
    for image in 0..<imagesPerPiece {
      let map = source + image * height * width * channels
      let own = patches + image * perImage
      forEachPlace { offset, target in
        if let offset {
          (own + target).update(from: map + offset, count: channels)
        } else {
          (own + target).update(repeating: 0, count: channels)
        }
      }
    }
  }

  /// Patches of gradients by weights transposed, added where the patches were taken from.
  func gradient(weights: ValueDescription, _ context: KernelContext) throws -> any Kernel {
    let rows = imagesPerPiece * resultHeight * resultWidth
    let patches = try OneDNN.memory([rows, patchCount])
    let result = try OneDNN.memory([rows, outputs])
    let description = try MatrixProduct.description(
      result, OneDNN.anyLayout([outputs, patchCount]), nil, patches, PrimitiveAttributes(),
      context.label)
    let packed = try context.constants.packed(
      weights.name, as: .patchGradients, weights.constant?.transposed([0, 2, 3, 1]).asFloats ?? [],
      from: OneDNN.memory([outputs, patchCount]), to: description.memory(dnnl_query_weights_md))
    let product = try PrimitiveKernel(
      description,
      [
        (DNNL_ARG_SRC_0, result, .outputGradient()), (DNNL_ARG_DST_0, patches, .workspace()),
        (DNNL_ARG_WEIGHTS_0, description.memory(dnnl_query_weights_md), .constant(packed)),
      ])
    return PatchKernel(
      product: product, pieces: images / imagesPerPiece,
      patchBytes: rows * patchCount * MemoryLayout<Float>.stride,
      resultCount: rows * outputs, isGradient: true
    ) { [self] buffers, piece, patches in
      guard let gradient = buffers.inputGradients[0] else { return }
      spread(patches, gradient + piece * imagesPerPiece * height * width * channels)
    }
  }

  private func spread(
    _ patches: UnsafeMutablePointer<Float>, _ target: UnsafeMutablePointer<Float>
  ) {
    let perImage = resultHeight * resultWidth * patchCount
    target.update(repeating: 0, count: imagesPerPiece * height * width * channels)
    for image in 0..<imagesPerPiece {
      let map = target + image * height * width * channels
      let own = patches + image * perImage
      forEachPlace { offset, source in
        guard let offset else { return }
        let (to, from) = (map + offset, own + source)
        for c in 0..<channels { to[c] += from[c] }
      }
    }
  }
}

/// A product with patches on one side, piece by piece.
private final class PatchKernel: Kernel {
  let scratchBytes: Int
  let workspaceBytes = 0
  private let product: any Kernel
  private let pieces: Int
  private let patchBytes: Int
  private let resultCount: Int
  private let isGradient: Bool
  private let move: (Buffers, Int, UnsafeMutablePointer<Float>) -> Void

  /// `move`: fills patches from a piece of the maps, or adds them to a piece of the gradient.
  init(
    product: any Kernel, pieces: Int, patchBytes: Int, resultCount: Int, isGradient: Bool,
    move: @escaping (Buffers, Int, UnsafeMutablePointer<Float>) -> Void
  ) {
    self.product = product
    self.pieces = pieces
    self.patchBytes = MemoryPlan.align(patchBytes)
    self.resultCount = resultCount
    self.isGradient = isGradient
    self.move = move
    scratchBytes = self.patchBytes + product.scratchBytes
  }

  func run(_ buffers: Buffers) {
    let patches = buffers.scratch.assumingMemoryBound(to: Float.self)
    var own = buffers
    own.workspace = buffers.scratch
    own.scratch = buffers.scratch + patchBytes
    for piece in 0..<pieces {
      if isGradient {
        own.outputGradients[0] = buffers.gradient + piece * resultCount
        product.run(own)
        move(buffers, piece, patches)
      } else {
        own.outputs[0] = buffers.output + piece * resultCount
        move(buffers, piece, patches)
        product.run(own)
      }
    }
  }
}
