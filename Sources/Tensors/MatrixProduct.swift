import COpenBLAS

/// A row-major matrix in memory, as it lies or to be read transposed.
package struct MatrixOperand {
  package let elements: UnsafePointer<Float>
  package let isTransposed: Bool
  /// Elements from one stored row to the next.
  package let rowStride: Int

  package init(_ elements: UnsafePointer<Float>, isTransposed: Bool = false, rowStride: Int) {
    self.elements = elements
    self.isTransposed = isTransposed
    self.rowStride = rowStride
  }
}

/// Computes `result = alpha · left · right + beta · result` with OpenBLAS.
///
/// Shapes after transposition: `left [rows, inner]`, `right [inner, columns]`,
/// `result [rows, columns]` dense.
package func multiply(
  _ left: MatrixOperand, _ right: MatrixOperand, into result: UnsafeMutablePointer<Float>,
  rows: Int, columns: Int, inner: Int, alpha: Float = 1, beta: Float = 0
) {
  guard rows > 0, columns > 0 else { return }
  cblas_sgemm(
    CblasRowMajor,
    left.isTransposed ? CblasTrans : CblasNoTrans,
    right.isTransposed ? CblasTrans : CblasNoTrans,
    blasint(rows), blasint(columns), blasint(inner), alpha,
    left.elements, blasint(left.rowStride),
    right.elements, blasint(right.rowStride), beta,
    result, blasint(columns))
}

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
