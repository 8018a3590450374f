import Tensors

extension CompiledGraph {
  /// Moves transpositions from channels-last order behind the element-wise steps that read them.
  ///
  /// `transpose(y) · c + x` becomes `transpose(y · c' + transpose⁻¹(x))`: what multiplies and adds then
  /// follows the product that made `y` and can be merged into it. Transpositions of maps cost nothing.
  mutating func sinkTransposes(shapes: [String: Shape]) {
    var index = 0
    while index < steps.count {
      if steps[index].operation is Mul || steps[index].operation is Add {
        sinkTranspose(into: index, shapes: shapes)
      }
      index += 1
    }
    removeUnread()
  }

  private mutating func sinkTranspose(into index: Int, shapes: [String: Shape]) {
    for operand in steps[index].inputs {
      guard let source = producer(of: operand),
        (steps[source].operation as? Transpose)?.permutation == [0, 3, 1, 2],
        onlyReader(of: operand) == index, let other = otherInput(of: index, than: operand)
      else { continue }
      let label = steps[index].label
      let result = steps[index].outputs[0]
      let arranged = names.make("\(other)·channels last")
      var added: [Step] = []
      if let constant = constants[other] {
        guard constant.shape.rank <= 4 else { continue }
        let padded = constant.reshaped(to: constant.shape.padded(toRank: 4))
        constants[arranged] = padded.transposed([0, 2, 3, 1]).withoutLeadingOnes
      } else {
        guard shapes[other]?.rank == 4 else { continue }
        added.append(
          Step(
            label: "\(label)·transpose", type: "Transpose",
            operation: Transpose([0, 2, 3, 1]), inputs: [other], outputs: [arranged]))
      }
      let sum = names.make("\(result)·channels last")
      let position = steps[index].inputs.firstIndex(of: operand)
      added.append(
        Step(
          label: label, type: steps[index].type, operation: steps[index].operation,
          inputs: position == 0
            ? [steps[source].inputs[0], arranged] : [arranged, steps[source].inputs[0]],
          outputs: [sum]))
      added.append(
        Step(
          label: "\(label)·back", type: "Transpose", operation: Transpose([0, 3, 1, 2]),
          inputs: [sum], outputs: steps[index].outputs))
      steps.replaceSubrange(index...index, with: added)
      return
    }
  }
}

extension Tensor {
  /// The same numbers without axes of extent 1 in front.
  fileprivate var withoutLeadingOnes: Tensor {
    reshaped(to: Shape(Array(shape.dimensions.drop { $0 == 1 })))
  }
}
