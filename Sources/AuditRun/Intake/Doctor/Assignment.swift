/// The one-to-one assignment of rows to columns with the greatest sum.
///
/// Kuhn–Munkres with potentials, as shortest augmenting paths.
///
/// - Parameter gains: A square matrix.
/// - Returns: The column of each row.
/// - Complexity: O(*n*³).
func bestAssignment(_ gains: [[Double]]) -> [Int] {
  let n = gains.count
  // Row and column 0 are a start that no assignment uses.
  var rowPotential = [Double](repeating: 0, count: n + 1)
  var columnPotential = rowPotential
  var rowOfColumn = [Int](repeating: 0, count: n + 1)
  for row in stride(from: 1, through: n, by: 1) {
    rowOfColumn[0] = row
    var column = 0
    var shortest = [Double](repeating: .infinity, count: n + 1)
    var previous = [Int](repeating: 0, count: n + 1)
    var isDone = [Bool](repeating: false, count: n + 1)
    repeat {
      isDone[column] = true
      let current = rowOfColumn[column]
      var step = Double.infinity
      var next = 0
      for other in 1...n where !isDone[other] {
        let cost = -gains[current - 1][other - 1] - rowPotential[current] - columnPotential[other]
        if cost < shortest[other] { (shortest[other], previous[other]) = (cost, column) }
        if shortest[other] < step { (step, next) = (shortest[other], other) }
      }
      for other in 0...n {
        if isDone[other] {
          rowPotential[rowOfColumn[other]] += step
          columnPotential[other] -= step
        } else {
          shortest[other] -= step
        }
      }
      column = next
    } while rowOfColumn[column] != 0
    while column != 0 {
      rowOfColumn[column] = rowOfColumn[previous[column]]
      column = previous[column]
    }
  }
  var columns = [Int](repeating: 0, count: n)
  for column in stride(from: 1, through: n, by: 1) { columns[rowOfColumn[column] - 1] = column - 1 }
  return columns
}
