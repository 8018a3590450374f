import COpenBLAS

/// Adds `source` to `target`, `count` elements, with OpenBLAS.
package func accumulate(
  _ source: UnsafePointer<Float>, into target: UnsafeMutablePointer<Float>, count: Int
) {
  cblas_saxpy(blasint(count), 1, source, 1, target, 1)
}

/// How this process uses OpenBLAS.
package enum LinearAlgebra {
  /// Keeps OpenBLAS on the calling thread: parallelism is over images.
  package static func useOneThread() {
    openblas_set_num_threads(1)
  }

  /// Version and kernel choice, as OpenBLAS states them.
  package static var versionDescription: String {
    String(cString: openblas_get_config()).trimmingSuffixSpaces
      + " (" + String(cString: openblas_get_corename()) + ")"
  }
}

extension String {
  fileprivate var trimmingSuffixSpaces: String {
    var text = Substring(self)
    while text.last == " " { text.removeLast() }
    return String(text)
  }
}
