import Inference
import ONNX
import Tensors

extension ModelFile {
  /// Subtracts from logits what repairs say, as nodes behind the last linear layer.
  ///
  /// The layer's output keeps its name, so that what follows it, softmax or the graph's output, stays.
  ///
  /// `output`: the layer's output.
  ///
  /// `rank`: of that output.
  ///
  /// Returns false where no node makes the output.
  package mutating func insert(
    _ repairs: [LogitRepair], head: LinearHead, output: String, rank: Int
  ) -> Bool {
    precondition(rank == 2 || rank == 4, "logits of rank \(rank)")
    let (d, classes) = (head.featureCount, head.classCount)
    let directions = repairs.reduce(0) { $0 + $1.offsets.count }
    var choice = [Float](repeating: 0, count: directions * classes)
    for (row, repair) in repairs.flatMap({ repair in repair.offsets.map { _ in repair } })
      .enumerated()
    {
      choice[row * classes + repair.classIndex] = 1
    }
    func name(_ part: String) -> String { "overinterp/repair/\(part)" }
    var constants = [
      name("slopes"): Tensor([directions, d], repairs.flatMap(\.slopes).map { Float($0) }),
      name("offsets"): Tensor([directions], repairs.flatMap(\.offsets).map { Float($0) }),
      name("classes"): Tensor([directions, classes], choice),
    ]
    if rank == 4 { constants[name("shape")] = Tensor([4], [-1, Int64(classes), 1, 1]) }
    return insert(behind: output, constants: constants) { logits in
      var nodes: [Node] = []
      func add(
        _ type: String, _ inputs: [String], _ output: String,
        _ attributes: [String: Attribute] = [:]
      ) {
        nodes.append(
          Node(
            name: output, type: type, inputs: inputs, outputs: [output], attributes: attributes))
      }
      var features = head.input
      if head.isMeanOfInput {
        add("GlobalAveragePool", [features], name("mean"))
        features = name("mean")
      }
      add("Flatten", [features], name("features"), ["axis": .int(1)])
      add(
        "Gemm", [name("features"), name("slopes"), name("offsets")], name("betas"),
        ["transB": .int(1)])
      add("Relu", [name("betas")], name("positive"))
      add("MatMul", [name("positive"), name("classes")], name("reduction"))
      if rank == 4 { add("Reshape", [name("reduction"), name("shape")], name("reductions")) }
      nodes.append(
        Node(
          name: name("repaired"), type: "Sub",
          inputs: [logits, name(rank == 4 ? "reductions" : "reduction")], outputs: [output]))
      return nodes
    }
  }
}
