import Tensors
import Testing

@Suite struct TensorTests {
  @Test func `Broadcasts as NumPy does`() {
    #expect(Shape([2, 3, 1]).broadcast(with: [3, 4]) == [2, 3, 4])
    #expect(Shape([]).broadcast(with: [5]) == [5])
    #expect(Shape([2]).broadcast(with: [3]) == nil)
  }

  @Test func `Transposes`() {
    let tensor = Tensor([2, 3], [Float(1), 2, 3, 4, 5, 6])
    #expect(tensor.transposed([1, 0]) == Tensor([3, 2], [Float(1), 4, 2, 5, 3, 6]))
  }

  @Test func `Multiplies matrices, transposed or not`() {
    let a: [Float] = [1, 2, 3, 4, 5, 6]  // [2, 3], or [3, 2] transposed
    let b: [Float] = [1, 0, 0, 1, 1, 1]  // [3, 2]
    var result: [Float] = [10, 10, 10, 10]
    multiply(
      MatrixOperand(a, rowStride: 3), MatrixOperand(b, rowStride: 2), into: &result, rows: 2,
      columns: 2, inner: 3, alpha: 2, beta: 1)
    #expect(result == [18, 20, 30, 32])
    multiply(
      MatrixOperand(b, isTransposed: true, rowStride: 2), MatrixOperand(b, rowStride: 2),
      into: &result, rows: 2, columns: 2, inner: 3)
    #expect(result == [2, 1, 1, 2])
  }
}
