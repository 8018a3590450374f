import Tensors

// Formulas that exporters spell out, and the operators they stand for.
extension CompiledGraph {
  /// `x · ½ · (1 + erf(x / √2))`, the halving before or after.
  mutating func recognizeGelus() {
    for index in steps.indices where steps[index].operation is Erf {
      guard let scaling = producer(of: steps[index].inputs[0]),
        let x = scaled(scaling, by: Float(0.5).squareRoot()),
        let adding = onlyReader(of: steps[index].outputs[0]), steps[adding].operation is Add,
        let one = otherInput(of: adding, than: steps[index].outputs[0]), number(one) == 1,
        let product = onlyReader(of: steps[adding].outputs[0]), steps[product].operation is Mul,
        let factor = otherInput(of: product, than: steps[adding].outputs[0])
      else { continue }
      if factor == x {
        guard let halving = onlyReader(of: steps[product].outputs[0]),
          scaled(halving, by: 0.5) == steps[product].outputs[0]
        else { continue }
        replace(halving, by: Gelu(), "Gelu", inputs: [x])
      } else if let halving = producer(of: factor), scaled(halving, by: 0.5) == x {
        replace(product, by: Gelu(), "Gelu", inputs: [x])
      }
    }
    removeUnread()
  }

  /// `x · sigmoid(x)` and `x · hardSigmoid(x)`.
  mutating func recognizeGates() {
    for index in steps.indices where steps[index].operation is Mul {
      for (x, gate) in [(0, 1), (1, 0)] {
        let (x, gate) = (steps[index].inputs[x], steps[index].inputs[gate])
        guard let source = producer(of: gate), steps[source].inputs == [x] else { continue }
        if steps[source].operation is Sigmoid {
          replace(index, by: Swish(), "Swish", inputs: [x])
        } else if (steps[source].operation as? HardSigmoid)?.gatesHardSwish == true {
          replace(index, by: HardSwish(), "HardSwish", inputs: [x])
        } else {
          continue
        }
        break
      }
    }
    removeUnread()
  }

  /// `(x − mean) / √(mean((x − mean)²) + ε) · scale + bias` over the last axis.
  mutating func recognizeLayerNormalizations(shapes: [String: Shape]) {
    for index in steps.indices where steps[index].operation is Div {
      guard let normal = normalized(index, shapes: shapes),
        let scaling = onlyReader(of: steps[index].outputs[0]), steps[scaling].operation is Mul,
        let scale = otherInput(of: scaling, than: steps[index].outputs[0]),
        let adding = onlyReader(of: steps[scaling].outputs[0]), steps[adding].operation is Add,
        let bias = otherInput(of: adding, than: steps[scaling].outputs[0]),
        let length = shapes[normal.x]?.dimensions.last,
        constants[scale]?.shape == [length], constants[bias]?.shape == [length]
      else { continue }
      replace(
        adding, by: LayerNormalization(epsilon: normal.epsilon), "LayerNormalization",
        inputs: [normal.x, scale, bias])
    }
    removeUnread()
  }

  /// What step `index`, a division, normalises, when it does.
  private func normalized(
    _ index: Int, shapes: [String: Shape]
  ) -> (x: String, epsilon: Float)? {
    let (centred, deviation) = (steps[index].inputs[0], steps[index].inputs[1])
    guard let root = producer(of: deviation), steps[root].operation is Sqrt,
      let adding = producer(of: steps[root].inputs[0]), steps[adding].operation is Add,
      let variance = steps[adding].inputs.first(where: { constants[$0] == nil }),
      let epsilonName = otherInput(of: adding, than: variance), let epsilon = number(epsilonName),
      let squares = meanOfLastAxis(variance, shapes: shapes),
      let squaring = producer(of: squares), isSquare(squaring, of: centred),
      let centring = producer(of: centred), steps[centring].operation is Sub,
      meanOfLastAxis(steps[centring].inputs[1], shapes: shapes) == steps[centring].inputs[0]
    else { return nil }
    return (steps[centring].inputs[0], epsilon)
  }

  private func isSquare(_ index: Int, of value: String) -> Bool {
    let inputs = steps[index].inputs
    if steps[index].operation is Mul { return inputs == [value, value] }
    return steps[index].operation is Pow && inputs[0] == value && number(inputs[1]) == 2
  }

  /// What a value is the mean of, over the last axis, kept with extent 1.
  private func meanOfLastAxis(_ value: String, shapes: [String: Shape]) -> String? {
    guard let index = producer(of: value), steps[index].operation is ReduceMean,
      let x = shapes[steps[index].inputs[0]], x.rank > 0,
      shapes[value] == Shape(x.dimensions.dropLast() + [1])
    else { return nil }
    return steps[index].inputs[0]
  }

  /// What step `index` multiplies by `factor`, or divides by its inverse.
  private func scaled(_ index: Int, by factor: Float) -> String? {
    let step = steps[index]
    guard step.inputs.count == 2 else { return nil }
    func isNear(_ a: Float, _ b: Float) -> Bool { (a - b).magnitude <= 1e-6 * b.magnitude }
    if step.operation is Div, let divisor = number(step.inputs[1]), isNear(divisor, 1 / factor) {
      return step.inputs[0]
    }
    guard step.operation is Mul else { return nil }
    for (value, constant) in [(0, 1), (1, 0)] {
      if let found = number(step.inputs[constant]), isNear(found, factor) {
        return step.inputs[value]
      }
    }
    return nil
  }

  /// Lets step `index` compute its output by another operator.
  private mutating func replace(
    _ index: Int, by operation: any Operator, _ type: String, inputs: [String]
  ) {
    steps[index].operation = operation
    steps[index].type = type
    steps[index].inputs = inputs
  }
}
