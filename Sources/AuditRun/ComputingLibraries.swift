import Audit
import Figures
import Inference
import Tensors

/// The libraries that compute and draw.
package enum ComputingLibraries {
  /// Name and version of each.
  package static var versions: [String] {
    [OneDNN.versionDescription, LinearAlgebra.versionDescription, drawingVersions]
  }

  /// Those that compute, with what each chose for this processor.
  package static var choices: [String] {
    let products = OneDNN.productImplementation ?? "refused"
    return [
      "processor  \(RunDescription.processorName)",
      "oneDNN     \(OneDNN.versionDescription): convolutions, pooling, normalisation and matrix "
        + "products (\(products))",
      "OpenBLAS   \(LinearAlgebra.versionDescription): sums of gradients; it chooses its kernels by "
        + "the processor's name, oneDNN by its vector width, so oneDNN multiplies",
    ]
  }
}
