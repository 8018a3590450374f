import COneDNN

/// Computes `result = left · right` or adds it to `result`, by oneDNN's SGEMM.
///
/// Shapes: `left [rows, inner]`, `right [inner, columns]`, or stored `[columns, inner]` when
/// `transposesRight`; all dense, last axis fastest.
func multiply(
  _ left: UnsafePointer<Float>, _ right: UnsafePointer<Float>,
  into result: UnsafeMutablePointer<Float>, rows: Int, columns: Int, inner: Int,
  transposesRight: Bool = false, adds: Bool = false
) {
  let status = dnnl_sgemm(
    CChar(UInt8(ascii: "N")), CChar(UInt8(ascii: transposesRight ? "T" : "N")), Int64(rows),
    Int64(columns), Int64(inner), 1, left, Int64(inner), right,
    Int64(transposesRight ? inner : columns), adds ? 1 : 0, result, Int64(columns))
  precondition(status == dnnl_success, "oneDNN's SGEMM failed with status \(status.rawValue)")
}
