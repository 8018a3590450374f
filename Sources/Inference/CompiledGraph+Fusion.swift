import Tensors

extension CompiledGraph {
  /// Merges batch normalisation, residual additions and activations into convolutions.
  ///
  /// - Parameter shapes: Shapes of all values for some batch size.
  mutating func fuse(shapes: [String: Shape]) {
    foldBatchNormalizations()
    fuseResiduals(shapes: shapes)
    fuseActivations()
  }

  /// The only step that reads `value`, unless it is the graph's output.
  private func onlyReader(of value: String) -> Int? {
    guard value != output else { return nil }
    let readers = steps.indices.filter { steps[$0].inputs.contains(value) }
    return readers.count == 1 ? readers[0] : nil
  }

  /// The convolution at a step that has not been merged into another yet.
  private func convolution(at index: Int) -> Convolution? {
    steps[index].outputs.isEmpty ? nil : steps[index].operation as? Convolution
  }

  /// `bn(conv(x))` is a convolution with other weights.
  private mutating func foldBatchNormalizations() {
    for index in steps.indices {
      guard let convolution = convolution(at: index), convolution.activation == nil,
        let reader = onlyReader(of: steps[index].outputs[0]),
        let normalization = steps[reader].operation as? BatchNormalization,
        let weights = constants[steps[index].inputs[1]], let numbers = weights.floats,
        !convolution.hasBias || constants[steps[index].inputs[2]]?.floats?.count == weights.shape[0]
      else { continue }
      let parameters = steps[reader].inputs.dropFirst().compactMap { constants[$0]?.floats }
      guard parameters.count == 4, parameters.allSatisfy({ $0.count == weights.shape[0] }) else {
        continue
      }
      let (factor, offset) = normalization.affine(parameters)
      let outputs = weights.shape[0]
      let perOutput = numbers.count / max(outputs, 1)
      let scaled = numbers.indices.map { numbers[$0] * factor[$0 / perOutput] }
      let bias =
        convolution.hasBias
        ? constants[steps[index].inputs[2]]?.floats ?? [] : [Float](repeating: 0, count: outputs)
      let shifted = bias.indices.map { bias[$0] * factor[$0] + offset[$0] }

      let weightsName = steps[index].inputs[1] + "·" + steps[reader].label
      constants[weightsName] = Tensor(weights.shape, scaled)
      constants[weightsName + "·bias"] = Tensor([outputs], shifted)
      steps[index].operation = Convolution(convolution, hasBias: true)
      steps[index].inputs = [steps[index].inputs[0], weightsName, weightsName + "·bias"]
      bypass(reader, from: index)
    }
    removeBypassed()
  }

  /// `conv(x) + r` with `r` of the same shape and already known is one pass.
  private mutating func fuseResiduals(shapes: [String: Shape]) {
    for index in steps.indices where steps[index].operation is Add {
      let operands = steps[index].inputs
      guard operands.count == 2, operands[0] != operands[1],
        operands.allSatisfy({ constants[$0] == nil }),
        let shape = shapes[operands[0]], shape == shapes[operands[1]]
      else { continue }
      // Of two convolutions the later one takes the sum, when the other's result exists.
      let candidates = steps.indices.reversed().filter { candidate in
        candidate < index && convolution(at: candidate) != nil
          && operands.contains(steps[candidate].outputs[0])
          && onlyReader(of: steps[candidate].outputs[0]) == index
      }
      guard let chosen = candidates.first, let convolution = convolution(at: chosen),
        convolution.activation == nil, !convolution.addsResidual
      else { continue }
      let residual = operands[0] == steps[chosen].outputs[0] ? operands[1] : operands[0]
      var fused = steps[chosen]
      fused.operation = Convolution(convolution, addsResidual: true)
      fused.inputs.append(residual)
      fused.outputs = steps[index].outputs
      // The sum stands where the addition stood: both operands are known there.
      steps[index] = fused
      steps[chosen].outputs = []
    }
    removeBypassed()
  }

  private mutating func fuseActivations() {
    for index in steps.indices {
      guard let convolution = convolution(at: index), convolution.activation == nil,
        let reader = onlyReader(of: steps[index].outputs[0]),
        let activation = activation(of: steps[reader])
      else { continue }
      steps[index].operation = Convolution(convolution, activation: activation)
      bypass(reader, from: index)
    }
    removeBypassed()
  }

  private func activation(of step: Step) -> Activation? {
    if step.operation is Relu { return .relu }
    guard let clip = step.operation as? Clip else { return nil }
    let inputs = step.inputs.map { name in
      ValueDescription(shape: constants[name]?.shape ?? [], constant: constants[name])
    }
    return (try? clip.bounds(inputs)).map { .clip($0.low, $0.high) }
  }

  /// Lets step `index` produce what `reader` produced.
  private mutating func bypass(_ reader: Int, from index: Int) {
    steps[index].outputs = steps[reader].outputs
    steps[reader].outputs = []
  }

  private mutating func removeBypassed() {
    steps.removeAll(where: \.outputs.isEmpty)
  }
}
