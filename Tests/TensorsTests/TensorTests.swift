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
}
