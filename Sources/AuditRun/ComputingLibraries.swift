import Figures
import Inference
import SharedWork

/// The libraries that compute and draw.
package enum ComputingLibraries {
  /// Name and version of each.
  package static var versions: [String] {
    [OneDNN.versionDescription, drawingVersions]
  }

  /// Those that compute, with what each chose for this processor.
  package static var choices: [String] {
    let products = OneDNN.productImplementation ?? "refused"
    return [
      "processor  \(Machine.processor)",
      "oneDNN     \(OneDNN.versionDescription): convolutions, pooling, normalisation and matrix "
        + "products (\(products))",
    ]
  }
}
