import Tensors

/// A convolution or matrix product, with weights that are constants and what was merged into it.
protocol FusibleProduct: Operator {
  var hasBias: Bool { get set }
  var addsResidual: Bool { get set }
  var activation: Activation? { get set }
  /// The axis of constant weights that counts the result's channels; nil when they have none.
  func channelAxis(ofWeights weights: Shape) -> Int?
  /// The axis of the result that counts its channels, for results of this rank.
  func channelAxis(ofResultOfRank rank: Int) -> Int
}

extension Convolution: FusibleProduct {
  func channelAxis(ofWeights weights: Shape) -> Int? { weights.rank == 4 ? 0 : nil }
  func channelAxis(ofResultOfRank rank: Int) -> Int { 1 }
}

extension MatMul: FusibleProduct {
  func channelAxis(ofWeights weights: Shape) -> Int? { weights.rank == 2 ? 1 : nil }
  func channelAxis(ofResultOfRank rank: Int) -> Int { rank - 1 }
}

extension CompiledGraph {
  /// The product at a step that has not been merged into another yet.
  private func product(at index: Int) -> (any FusibleProduct)? {
    steps[index].outputs.isEmpty ? nil : steps[index].operation as? any FusibleProduct
  }

  // MARK: Scales and shifts of channels

  /// `factor[c] · product + offset[c]` is a product with other weights.
  mutating func foldAffines(shapes: [String: Shape]) {
    for index in steps.indices {
      while foldAffine(into: index, shapes: shapes) {}
    }
    removeBypassed()
  }

  /// Returns whether a step was merged.
  private mutating func foldAffine(into index: Int, shapes: [String: Shape]) -> Bool {
    guard var product = product(at: index), product.activation == nil, !product.addsResidual,
      let weights = constants[steps[index].inputs[1]], weights.floats != nil,
      let axis = product.channelAxis(ofWeights: weights.shape),
      let reader = onlyReader(of: steps[index].outputs[0])
    else { return false }
    let channels = weights.shape[axis]
    let old = product.hasBias ? constants[steps[index].inputs[2]]?.floats : nil
    guard !product.hasBias || old?.count == channels,
      let (factor, offset) = affine(
        of: reader, on: steps[index].outputs[0], channels: channels, shapes: shapes)
    else { return false }
    let biasName = names.make("\(steps[reader].outputs[0])·bias")
    if factor.allSatisfy({ $0 == 1 }) {
      steps[index].inputs = Array(steps[index].inputs.prefix(2)) + [biasName]
    } else {
      let weightsName = names.make("\(steps[reader].outputs[0])·weights")
      constants[weightsName] = weights.scaled(by: factor, along: axis)
      steps[index].inputs = [steps[index].inputs[0], weightsName, biasName]
    }
    let bias = old ?? [Float](repeating: 0, count: channels)
    constants[biasName] = Tensor(
      [channels], bias.indices.map { bias[$0] * factor[$0] + offset[$0] })
    product.hasBias = true
    steps[index].operation = product
    bypass(reader, from: index)
    return true
  }

  /// What step `index` multiplies each channel by and then adds, when that is all it does.
  private func affine(
    of index: Int, on value: String, channels: Int, shapes: [String: Shape]
  ) -> (factor: [Float], offset: [Float])? {
    let step = steps[index]
    if let normalization = step.operation as? BatchNormalization, step.inputs[0] == value {
      let parameters = step.inputs.dropFirst().compactMap { constants[$0]?.floats }
      guard parameters.count == 4, parameters.allSatisfy({ $0.count == channels }),
        let shape = shape(of: value, shapes),
        let product = producer(of: value).flatMap(product(at:)),
        product.channelAxis(ofResultOfRank: shape.rank) == 1
      else { return nil }
      return normalization.affine(parameters)
    }
    guard let other = otherInput(of: index, than: value), let constant = constants[other],
      let numbers = constant.floats, let shape = shape(of: value, shapes),
      self.shape(of: step.outputs[0], shapes) == shape,
      let perChannel = spread(constant.shape, numbers, of: value, on: shape, channels: channels)
    else { return nil }
    let ones = [Float](repeating: 1, count: channels)
    let zeros = [Float](repeating: 0, count: channels)
    switch step.operation {
    case is Mul: return (perChannel, zeros)
    case is Add: return (ones, perChannel)
    case is Div where step.inputs[0] == value: return (perChannel.map { 1 / $0 }, zeros)
    case is Sub where step.inputs[0] == value: return (ones, perChannel.map { -$0 })
    default: return nil
    }
  }

  /// A constant's number for each channel, when it is the same wherever the channel is.
  private func spread(
    _ shape: Shape, _ numbers: [Float], of value: String, on result: Shape, channels: Int
  ) -> [Float]? {
    if numbers.count == 1 { return [Float](repeating: numbers[0], count: channels) }
    guard let producer = producer(of: value), let product = product(at: producer),
      shape.rank <= result.rank, numbers.count == channels
    else { return nil }
    let padded = shape.padded(toRank: result.rank)
    return padded[product.channelAxis(ofResultOfRank: result.rank)] == channels ? numbers : nil
  }

  // MARK: Residuals

  /// `product + r` with `r` of the same shape and already known is one pass.
  mutating func fuseResiduals(shapes: [String: Shape], known: Set<String>) {
    for index in steps.indices where steps[index].operation is Add {
      let operands = steps[index].inputs
      guard operands.count == 2, operands[0] != operands[1],
        operands.allSatisfy({ constants[$0] == nil && !known.contains($0) }),
        let shape = shape(of: operands[0], shapes), shape == self.shape(of: operands[1], shapes)
      else { continue }
      // Of two products the later one takes the sum, when the other's result exists.
      let chosen = steps.indices.reversed().first { candidate in
        candidate < index && takesResidual(candidate)
          && operands.contains(steps[candidate].outputs[0])
          && onlyReader(of: steps[candidate].outputs[0]) == index
      }
      guard let chosen, var product = product(at: chosen) else { continue }
      let residual = operands[0] == steps[chosen].outputs[0] ? operands[1] : operands[0]
      product.addsResidual = true
      var fused = steps[chosen]
      fused.operation = product
      fused.inputs.append(residual)
      fused.outputs = steps[index].outputs
      // The sum stands where the addition stood: both operands are known there.
      steps[index] = fused
      steps[chosen].outputs = []
    }
    removeBypassed()
  }

  private func takesResidual(_ index: Int) -> Bool {
    guard let product = product(at: index), product.activation == nil, !product.addsResidual else {
      return false
    }
    return constants[steps[index].inputs[1]] != nil
  }

  /// The shape of a value, also of one that a rewriting introduced.
  private func shape(of value: String, _ shapes: [String: Shape]) -> Shape? {
    if let known = shapes[value] { return known }
    guard let index = producer(of: value) else { return nil }
    let inputs = steps[index].inputs.map { input in
      (shape: self.shape(of: input, shapes) ?? constants[input]?.shape, constant: constants[input])
    }
    guard inputs.allSatisfy({ $0.shape != nil }) else { return nil }
    let descriptions = inputs.map { ValueDescription(shape: $0.shape ?? [], constant: $0.constant) }
    return try? steps[index].operation.outputShapes(for: descriptions)[0]
  }

  // MARK: Activations

  mutating func fuseActivations() {
    for index in steps.indices {
      guard !steps[index].outputs.isEmpty, takesActivation(index),
        let reader = onlyReader(of: steps[index].outputs[0]),
        steps[reader].inputs[0] == steps[index].outputs[0],
        let activation = activation(of: steps[reader])
      else { continue }
      if var product = product(at: index) {
        product.activation = activation
        steps[index].operation = product
      } else if var gemm = steps[index].operation as? Gemm {
        gemm.activation = activation
        steps[index].operation = gemm
      }
      bypass(reader, from: index)
    }
    removeBypassed()
  }

  private func takesActivation(_ index: Int) -> Bool {
    if let product = product(at: index) { return product.activation == nil }
    guard let gemm = steps[index].operation as? Gemm, gemm.activation == nil else { return false }
    let inputs = steps[index].inputs
    return gemm.canFuse(addend: inputs.count > 2 ? constants[inputs[2]]?.shape : nil)
  }

  private func activation(of step: Step) -> Activation? {
    if let unary = step.operation as? any UnaryOperator { return unary.activation }
    guard let clip = step.operation as? Clip else { return nil }
    let inputs = step.inputs.map { name in
      ValueDescription(shape: constants[name]?.shape ?? [], constant: constants[name])
    }
    return (try? clip.bounds(inputs)).map { .clip($0.low, $0.high) }
  }
}

extension Tensor {
  /// The same numbers, each times the factor of its index along `axis`.
  fileprivate func scaled(by factors: [Float], along axis: Int) -> Tensor {
    let inner = shape.dimensions[(axis + 1)...].reduce(1, *)
    let numbers = asFloats
    return Tensor(
      shape, numbers.indices.map { numbers[$0] * factors[$0 / inner % factors.count] })
  }
}
