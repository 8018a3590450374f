import COpenBLAS

/// What LAPACK refuses to solve.
package enum LinearAlgebraError: Error, Equatable {
  /// An entry is NaN or infinite.
  case notFinite
  /// An eigenvalue was not found.
  case notConverged
  /// Not positive definite: rows depend on each other.
  case singular
}

extension LinearAlgebraError: CustomStringConvertible {
  package var description: String {
    switch self {
    case .notFinite: "A matrix has an entry that is not a number."
    case .notConverged: "The eigenvalues of a matrix were not found."
    case .singular: "The rows of a matrix depend on each other."
    }
  }
}

/// The eigenvalues of a symmetric matrix with their eigenvectors, largest eigenvalue first.
package struct SymmetricEigensystem: Equatable, Sendable {
  /// Descending, *n* of them.
  package let values: [Double]
  /// `[n, n]`: row *l* is the eigenvector of `values[l]`, of length 1.
  ///
  /// Its sign is such that its entries do not sum to less than 0.
  package let vectors: [Double]

  /// Solves by divide and conquer (LAPACK's `dsyevd`).
  ///
  /// `matrix`: `[n, n]`, of which the entries with row ≤ column are read.
  ///
  /// Throws `LinearAlgebraError`.
  ///
  /// - Complexity: O(*n*³) on one thread.
  package init(of matrix: [Double], size n: Int) throws {
    precondition(matrix.count == n * n, "\(matrix.count) entries for \(n) × \(n)")
    guard matrix.allSatisfy(\.isFinite) else { throw LinearAlgebraError.notFinite }
    guard n > 0 else {
      (values, vectors) = ([], [])
      return
    }
    BLAS.useOneThread()
    var columns = matrix
    var ascending = [Double](repeating: 0, count: n)
    // LAPACK counts columns first: what is above the diagonal of rows is below that of columns.
    func solve(_ work: inout [Double], _ integers: inout [Int32], asking: Bool) -> Int32 {
      var size = Int32(n)
      var (length, integerLength) = asking ? (-1, -1) : (Int32(work.count), Int32(integers.count))
      var info: Int32 = 0
      dsyevd_(
        "V", "L", &size, &columns, &size, &ascending, &work, &length, &integers, &integerLength,
        &info)
      return info
    }
    var work = [0.0]
    var integers: [Int32] = [0]
    _ = solve(&work, &integers, asking: true)
    work = [Double](repeating: 0, count: max(1, Int(work[0])))
    integers = [Int32](repeating: 0, count: max(1, Int(integers[0])))
    guard solve(&work, &integers, asking: false) == 0 else { throw LinearAlgebraError.notConverged }
    values = ascending.reversed()
    vectors = (0..<n).reversed().flatMap { column -> [Double] in
      let vector = columns[column * n..<(column + 1) * n]
      return vector.reduce(0, +) < 0 ? vector.map { -$0 } : Array(vector)
    }
  }

  /// The eigenvector of `values[index]`.
  package func vector(_ index: Int) -> ArraySlice<Double> {
    vectors[index * values.count..<(index + 1) * values.count]
  }
}

/// Products of Float64 matrices, rows first.
package enum BLAS {
  /// Parallelism is over images, not within a product.
  static func useOneThread() { openblas_set_num_threads(1) }

  /// Adds `rowsᵀ · rows` to the entries of `sum` with row ≤ column.
  ///
  /// `rows`: `[m, n]`.
  ///
  /// `sum`: `[n, n]`.
  package static func addProducts(of rows: [Double], columns n: Int, to sum: inout [Double]) {
    precondition(rows.count % n == 0 && sum.count == n * n, "\(rows.count) by \(n)")
    useOneThread()
    cblas_dsyrk(
      CblasRowMajor, CblasUpper, CblasTrans, Int32(n), Int32(rows.count / n), 1, rows, Int32(n), 1,
      &sum, Int32(n))
  }

  /// `a · bᵀ`, `[m, n]`.
  ///
  /// `a`: `[m, k]`.
  ///
  /// `b`: `[n, k]`.
  package static func product(_ a: [Double], transposed b: [Double], inner k: Int) -> [Double] {
    precondition(a.count % k == 0 && b.count % k == 0, "\(a.count) and \(b.count) by \(k)")
    useOneThread()
    let (m, n) = (a.count / k, b.count / k)
    var result = [Double](repeating: 0, count: m * n)
    cblas_dgemm(
      CblasRowMajor, CblasNoTrans, CblasTrans, Int32(m), Int32(n), Int32(k), 1, a, Int32(k), b,
      Int32(k), 0, &result, Int32(n))
    return result
  }

  /// The `x` with `matrix · x = right`, for one right side or several.
  ///
  /// `matrix`: `[n, n]`, symmetric and positive definite.
  ///
  /// `right`: `[sides, n]`.
  ///
  /// Throws `LinearAlgebraError.singular` otherwise.
  package static func solve(_ matrix: [Double], _ right: [Double]) throws -> [Double] {
    let n = Int(Double(matrix.count).squareRoot().rounded())
    precondition(matrix.count == n * n && right.count % n == 0, "\(matrix.count), \(right.count)")
    useOneThread()
    var (factors, x) = (matrix, right)
    var (size, sides, info) = (Int32(n), Int32(right.count / n), Int32(0))
    // LAPACK counts columns first: rows of right sides are its columns.
    dposv_("L", &size, &sides, &factors, &size, &x, &size, &info)
    guard info == 0 else { throw LinearAlgebraError.singular }
    return x
  }
}
