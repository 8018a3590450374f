import Foundation
import Tensors

/// `y[n, c, i, j] = (Σ |x|^p)^(1/p)` over a window; what stands outside the map is 0.
///
/// Shapes: `x [n, h, w, c] → y [n, oh, ow, c]`.
struct LpNorm {
  let p: Float
  let x: Shape
  let y: Shape
  let placement: SlidingWindow.Placement
  let strides: [Int]
  let dilations: [Int]

  /// Calls `body` with the offsets of a result's and of an input's channels, for all that meet.
  @inline(__always)
  private func forEachTap(_ body: (_ result: Int, _ source: Int) -> Void) {
    let (channels, kernel) = (x[1], placement.kernel)
    for n in 0..<x[0] {
      for i in 0..<y[2] {
        for j in 0..<y[3] {
          let result = ((n * y[2] + i) * y[3] + j) * channels
          for u in 0..<kernel[0] {
            let row = i * strides[0] - placement.padBefore[0] + u * dilations[0]
            guard row >= 0, row < x[2] else { continue }
            for v in 0..<kernel[1] {
              let column = j * strides[1] - placement.padBefore[1] + v * dilations[1]
              guard column >= 0, column < x[3] else { continue }
              body(result, ((n * x[2] + row) * x[3] + column) * channels)
            }
          }
        }
      }
    }
  }

  func forward() -> any Kernel {
    FunctionKernel { [self] buffers in
      let (source, y, channels) = (buffers.input(0), buffers.output, x[1])
      y.update(repeating: 0, count: self.y.count)
      forEachTap { result, start in
        switch p {
        case 1: for c in 0..<channels { y[result + c] += source[start + c].magnitude }
        case 2:
          for c in 0..<channels { y[result + c] += source[start + c] * source[start + c] }
        default:
          for c in 0..<channels { y[result + c] += powf(source[start + c].magnitude, p) }
        }
      }
      for k in 0..<self.y.count where p != 1 {
        y[k] = p == 2 ? y[k].squareRoot() : powf(y[k], 1 / p)
      }
    }
  }

  /// `∂x = sign(x) · (|x| / y)^(p − 1) · ∂y`, 0 where all of a window is 0, as PyTorch has it.
  func gradient() -> any Kernel {
    FunctionKernel { [self] buffers in
      guard let xGradient = buffers.inputGradients[0] else { return }
      let (source, y, yGradient) = (buffers.input(0), buffers.output, buffers.gradient)
      xGradient.update(repeating: 0, count: x.count)
      forEachTap { result, start in
        for c in 0..<x[1] where y[result + c] > 0 && source[start + c] != 0 {
          let share = source[start + c].magnitude / y[result + c]
          let slope = p == 2 ? share : powf(share, p - 1)
          xGradient[start + c] += (source[start + c] < 0 ? -slope : slope) * yGradient[result + c]
        }
      }
    }
  }
}

extension NodeReader {
  /// The exponent of a norm.
  ///
  /// Throws `InferenceError.attribute` unless it is a small positive integer.
  func normExponent() throws -> Float {
    let p = try int("p", default: 2)
    guard (1...64).contains(p) else { throw failure("p \(p) is not supported") }
    return Float(p)
  }
}
