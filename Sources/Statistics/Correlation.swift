/// Pearson's correlation of as many pairs; 0 where either does not vary, or there are fewer than two.
package func correlation(_ x: [Double], _ y: [Double]) -> Double {
  guard x.count == y.count, x.count > 1 else { return 0 }
  let n = Double(x.count)
  let (meanX, meanY) = (x.reduce(0, +) / n, y.reduce(0, +) / n)
  var (products, squaresX, squaresY) = (0.0, 0.0, 0.0)
  for (a, b) in zip(x, y) {
    products += (a - meanX) * (b - meanY)
    squaresX += (a - meanX) * (a - meanX)
    squaresY += (b - meanY) * (b - meanY)
  }
  let scale = (squaresX * squaresY).squareRoot()
  return scale > 0 ? products / scale : 0
}
