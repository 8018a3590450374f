import Tensors

/// Products of elements summed over the axes that the result lacks, after Einstein's convention.
///
/// Shapes: as `equation` says, such as `bij,bjk->bik`, for one operand or two; `...` stands for axes that
/// broadcast. ONNX `Einsum`, opsets 12–28.
struct Einsum: Operator {
  static let type = "Einsum"

  /// Axes of each operand and of the result, by label.
  private let operands: [[Character]]
  private let result: [Character]?
  private static let ellipsis: Character = "…"

  init(_ node: NodeReader) throws {
    let text = try node.string("equation", default: "")
      .replacing("...", with: String(Einsum.ellipsis)).filter { !$0.isWhitespace }
    let sides = text.split(separator: "->", omittingEmptySubsequences: false)
    operands = sides[0].split(separator: ",", omittingEmptySubsequences: false).map(Array.init)
    result = sides.count > 1 ? Array(sides[1]) : nil
    let isNamed = (operands.flatMap { $0 } + (result ?? [])).allSatisfy {
      $0.isLetter || $0 == Einsum.ellipsis
    }
    guard (1...2).contains(operands.count), operands.count == node.node.inputs.count, isNamed,
      sides.count <= 2
    else { throw node.failure("equation '\(text)' is not supported") }
  }

  /// Extents of all labels, the result's first, and distances in operands and result.
  private struct Plan {
    var labels: [String] = []
    var extents: [Int] = []
    var strides: [[Int]] = []
    var resultRank = 0

    var shape: Shape { Shape(Array(extents[..<resultRank])) }
  }

  private func plan(_ inputs: [ValueDescription]) throws -> Plan {
    let broadcast =
      zip(operands, inputs).map { $1.shape.rank - $0.count { $0 != Einsum.ellipsis } }.max() ?? 0
    // An ellipsis becomes labels that count from the right.
    func spelled(_ labels: [Character], count: Int) -> [String] {
      labels.flatMap { label -> [String] in
        label == Einsum.ellipsis
          ? (0..<max(count, 0)).map { "…\(count - $0)" } : [String(label)]
      }
    }
    let axes = zip(operands, inputs).map { labels, input in
      spelled(labels, count: input.shape.rank - labels.count { $0 != Einsum.ellipsis })
    }
    var extents: [String: Int] = [:]
    for (labels, input) in zip(axes, inputs) {
      guard labels.count == input.shape.rank else {
        throw ShapeMismatch("\(input.shape) for axes \(labels.joined(separator: " "))")
      }
      for (label, extent) in zip(labels, input.shape.dimensions) {
        let known = extents[label] ?? 1
        guard known == 1 || extent == 1 || known == extent else {
          throw ShapeMismatch("axis '\(label)' has \(known) and \(extent) elements")
        }
        extents[label] = max(known, extent)
      }
    }
    let all = axes.flatMap { $0 }
    // Without an arrow: the ellipsis, then labels that appear once, sorted.
    let implied =
      Set(all.filter { $0.hasPrefix("…") }).sorted(by: >)
      + Set(all.filter { label in all.count { $0 == label } == 1 && !label.hasPrefix("…") })
      .sorted()
    let kept = result.map { spelled($0, count: broadcast) } ?? implied
    guard Set(kept).isSubset(of: all), Set(kept).count == kept.count else {
      throw ShapeMismatch("axes of the result are not all axes of operands")
    }
    var plan = Plan()
    plan.labels = kept + Set(all).subtracting(kept).sorted()
    plan.resultRank = kept.count
    plan.extents = plan.labels.map { extents[$0] ?? 1 }
    for (labels, input) in zip(axes, inputs) {
      let strides = input.shape.rowMajorStrides
      // A label that stands twice walks the diagonal.
      plan.strides.append(
        plan.labels.map { label in
          labels.indices.filter { labels[$0] == label && input.shape[$0] > 1 }
            .reduce(0) { $0 + strides[$1] }
        })
    }
    let dense = plan.shape.rowMajorStrides
    plan.strides.append(dense + [Int](repeating: 0, count: plan.labels.count - kept.count))
    return plan
  }

  func outputShapes(for inputs: [ValueDescription]) throws -> [Shape] { [try plan(inputs).shape] }

  func multiplyAdds(inputs: [ValueDescription], output: Shape) -> Int {
    guard inputs.count == 2, let plan = try? plan(inputs) else { return 0 }
    return plan.extents.reduce(1, *)
  }

  /// The same as a batched matrix product, where there is one row, column and summed label each.
  private func product(_ context: KernelContext) throws -> MatrixProduct? {
    guard context.inputs.count == 2 else { return nil }
    let plan = try plan(context.inputs)
    let (a, b) = (plan.strides[0], plan.strides[1])
    let rank = plan.resultRank
    let isMatrix =
      rank >= 2 && plan.labels.count == rank + 1 && a[rank] > 0 && b[rank] > 0
      && a[rank - 1] == 0 && b[rank - 2] == 0 && a[rank - 2] > 0 && b[rank - 1] > 0
      && (0..<rank - 2).allSatisfy { a[$0] > 0 && b[$0] > 0 }
    guard isMatrix else { return nil }
    func pick(_ values: [Int], _ row: Int, _ column: Int) -> [Int] {
      values[..<(rank - 2)] + [values[row], values[column]]
    }
    return MatrixProduct(
      left: .init(
        context.inputs[0], index: 0, extents: pick(plan.extents, rank - 2, rank),
        strides: pick(a, rank - 2, rank)),
      right: .init(
        context.inputs[1], index: 1, extents: pick(plan.extents, rank, rank - 1),
        strides: pick(b, rank, rank - 1)),
      result: context.output, label: context.label)
  }

  func forward(_ context: KernelContext) throws -> any Kernel {
    if let product = try product(context) { return try product.forward(context) }
    let plan = try plan(context.inputs)
    let count = context.output.shape.count
    return FunctionKernel { buffers in
      let a = buffers.input(0)
      let b = plan.strides.count == 3 ? buffers.input(1) : nil
      buffers.output.update(repeating: 0, count: count)
      Einsum.forEachTerm(plan) { i, j, k in buffers.output[k] += a[i] * (b?[j] ?? 1) }
    }
  }

  /// Calls `body` with offsets in left, right and result for every product of the sum.
  private static func forEachTerm(_ plan: Plan, _ body: (Int, Int, Int) -> Void) {
    let left = plan.strides[0]
    let right = plan.strides.count == 3 ? plan.strides[1] : left
    let loop = BroadcastLoop(
      extents: plan.extents.isEmpty ? [1] : plan.extents,
      strides: plan.extents.isEmpty
        ? [[0], [0], [0]] : [left, right, plan.strides[plan.strides.count - 1]])
    loop.forEachRow { i, j, k in
      loop.forEachColumn(i, j, k, body)
    }
  }
}

// Each operand receives the sum of the gradient times the other.
extension Einsum: DifferentiableOperator {
  func gradient(_ context: KernelContext) throws -> any Kernel {
    if let product = try product(context) { return try product.gradient(context) }
    let plan = try plan(context.inputs)
    let counts = context.inputs.map(\.shape.count)
    return FunctionKernel { buffers in
      let a = buffers.input(0)
      let b = counts.count == 2 ? buffers.input(1) : nil
      let yGradient = buffers.gradient
      if let aGradient = buffers.inputGradients[0] {
        aGradient.update(repeating: 0, count: counts[0])
        Einsum.forEachTerm(plan) { i, j, k in aGradient[i] += yGradient[k] * (b?[j] ?? 1) }
      }
      if counts.count == 2, let bGradient = buffers.inputGradients[1] {
        bGradient.update(repeating: 0, count: counts[1])
        Einsum.forEachTerm(plan) { i, j, k in bGradient[j] += yGradient[k] * a[i] }
      }
    }
  }
}
