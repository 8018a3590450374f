import Tensors

extension CompiledGraph {
  /// Rewrites steps into fewer that compute the same.
  ///
  /// First formulas that exporters spell out become the operators they stand for; then what follows a
  /// convolution or a product is merged into it.
  ///
  /// - Parameters:
  ///   - shapes: Shapes of all values for some batch size.
  ///   - known: Values that do not depend on the image.
  mutating func fuse(shapes: [String: Shape], known: Set<String>) {
    recognizeLayerNormalizations(shapes: shapes)
    recognizeGelus()
    recognizeGates()
    sinkTransposes(shapes: shapes)
    foldAffines(shapes: shapes)
    fuseResiduals(shapes: shapes, known: known)
    fuseActivations()
    removeUnread()
    constants = constants.filter { name, _ in
      outputs.contains(name) || steps.contains { $0.inputs.contains(name) }
    }
  }

  /// The only step that reads `value`, unless it is one of the graph's outputs.
  func onlyReader(of value: String) -> Int? {
    guard !outputs.contains(value) else { return nil }
    var reader: Int?
    for index in steps.indices where steps[index].inputs.contains(value) {
      guard reader == nil else { return nil }
      reader = index
    }
    return reader
  }

  /// The step that computes `value`.
  func producer(of value: String) -> Int? {
    steps.firstIndex { $0.outputs.contains(value) }
  }

  /// The input of a step on two operands that is not `value`.
  func otherInput(of index: Int, than value: String) -> String? {
    let inputs = steps[index].inputs
    guard inputs.count == 2, inputs[0] != inputs[1] else { return nil }
    return inputs[0] == value ? inputs[1] : inputs[1] == value ? inputs[0] : nil
  }

  /// The number that a constant of one element holds.
  func number(_ name: String) -> Float? {
    guard let constant = constants[name], constant.shape.count == 1 else { return nil }
    return constant.asFloats[0]
  }

  /// Lets step `index` produce what `reader` produced.
  mutating func bypass(_ reader: Int, from index: Int) {
    steps[index].outputs = steps[reader].outputs
    steps[reader].outputs = []
  }

  mutating func removeBypassed() {
    steps.removeAll(where: \.outputs.isEmpty)
  }

  /// Drops steps that nothing reads any more.
  mutating func removeUnread() {
    var read = Set(outputs)
    for index in steps.indices.reversed() {
      if steps[index].outputs.contains(where: read.contains) {
        read.formUnion(steps[index].inputs)
      } else {
        steps[index].outputs = []
      }
    }
    removeBypassed()
  }
}
