/// The stack machine that pickles are programs for.
struct PickleMachine {
  let path: String
  var values: [Pickle.Value] = []
  var input: PickleInput
  var stack: [Pickle.Node] = []
  /// Heights of the stack where containers began.
  var marks: [Int] = []
  var memo: [Int: Pickle.Node] = [:]
  /// How many more elements arrays may have: a stream that decodes the same bytes again and again
  /// would fill any memory.
  private var budget: Int

  init(bytes: [UInt8], path: String) {
    self.path = path
    input = PickleInput(bytes, path: path)
    budget = 4 * bytes.count
  }

  /// Runs to the end and returns what is on top.
  mutating func run() throws -> Pickle.Node {
    while true {
      let code = try input.byte()
      if code == UInt8(ascii: ".") { return try pop() }
      try execute(code)
    }
  }

  var damaged: DatasetError { input.damaged }

  func refused(_ what: String) -> DatasetError {
    .malformed(
      path: path,
      reason: "it refers to \(what), which is not read from pickles; nothing of it was executed. "
        + "Save the arrays with numpy.savez instead")
  }

  mutating func spend(_ elements: Int) throws {
    guard (0...budget).contains(elements) else { throw damaged }
    budget -= elements
  }

  private mutating func execute(_ code: UInt8) throws {
    if try pushScalar(code) || pushText(code) || changeContainer(code) || useMemo(code) { return }
    switch code {
    case 0x80: _ = try input.unsigned(1)
    case 0x95: _ = try input.unsigned(8)
    case 0x98: break
    case UInt8(ascii: "("): marks.append(stack.count)
    case UInt8(ascii: "0"): _ = try pop()
    case UInt8(ascii: "1"): _ = try popToMark()
    case UInt8(ascii: "2"):
      guard let top = stack.last else { throw damaged }
      stack.append(top)
    case UInt8(ascii: "c"):
      let module = String(decoding: try input.line(), as: UTF8.self)
      try pushName(module, String(decoding: try input.line(), as: UTF8.self))
    case 0x93:
      let (name, module) = (try pop(), try pop())
      guard case .text(let nameText) = values[name], case .text(let moduleText) = values[module]
      else { throw damaged }
      try pushName(moduleText, nameText)
    case UInt8(ascii: "R"):
      let (arguments, function) = (try pop(), try pop())
      guard case .name(let name) = values[function], case .sequence(let nodes) = values[arguments]
      else { throw damaged }
      push(try call(name, nodes))
    case UInt8(ascii: "b"):
      let state = try pop()
      guard let target = stack.last, case .sequence(let nodes) = values[state] else {
        throw damaged
      }
      values[target] = try built(values[target], from: nodes)
    default:
      throw refused("an object (operation 0x\(String(code, radix: 16)))")
    }
  }

  private mutating func pushName(_ module: String, _ name: String) throws {
    guard let known = PickledName(module: module, name: name) else {
      throw refused("'\(module).\(name)'")
    }
    push(.name(known))
  }
}

// Plain values.
extension PickleMachine {
  private mutating func pushScalar(_ code: UInt8) throws -> Bool {
    switch code {
    case UInt8(ascii: "N"): push(.none)
    case 0x88: push(.flag(true))
    case 0x89: push(.flag(false))
    case UInt8(ascii: "J"): push(.number(Int(Int32(truncatingIfNeeded: try input.unsigned(4)))))
    case UInt8(ascii: "K"): push(.number(try input.unsigned(1)))
    case UInt8(ascii: "M"): push(.number(try input.unsigned(2)))
    case 0x8a: push(.number(try long(try input.length(1))))
    case 0x8b: push(.number(try long(try input.length(4))))
    case UInt8(ascii: "G"):
      let bits = try input.bytes(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
      push(.fraction(Double(bitPattern: bits)))
    case UInt8(ascii: "I"), UInt8(ascii: "L"):
      var text = String(decoding: try input.line(), as: UTF8.self)
      if text == "00" || text == "01" {
        push(.flag(text == "01"))
        break
      }
      if text.hasSuffix("L") { text.removeLast() }
      guard let number = Int(text) else { throw damaged }
      push(.number(number))
    case UInt8(ascii: "F"):
      guard let number = Double(String(decoding: try input.line(), as: UTF8.self)) else {
        throw damaged
      }
      push(.fraction(number))
    default: return false
    }
    return true
  }

  private mutating func pushText(_ code: UInt8) throws -> Bool {
    let isText: Bool
    let size: Int
    switch code {
    case UInt8(ascii: "S"):
      push(.bytes(try input.quotedLine()))
      return true
    case UInt8(ascii: "V"):
      push(.text(try input.unicodeLine()))
      return true
    case UInt8(ascii: "U"), UInt8(ascii: "C"): (isText, size) = (false, try input.length(1))
    case UInt8(ascii: "T"), UInt8(ascii: "B"): (isText, size) = (false, try input.length(4))
    case 0x8e, 0x96: (isText, size) = (false, try input.length(8))
    case 0x8c: (isText, size) = (true, try input.length(1))
    case UInt8(ascii: "X"): (isText, size) = (true, try input.length(4))
    case 0x8d: (isText, size) = (true, try input.length(8))
    default: return false
    }
    let content = try input.bytes(size)
    push(isText ? .text(String(decoding: content, as: UTF8.self)) : .bytes(Array(content)))
    return true
  }

  /// A signed number in as many bytes as it needs, low byte first.
  private mutating func long(_ size: Int) throws -> Int {
    let content = try input.bytes(size)
    guard size <= 8 else { throw refused("a number of \(size) bytes") }
    guard let top = content.last else { return 0 }
    let start = top >= 0x80 ? -1 : 0
    return content.reversed().reduce(start) { $0 << 8 | Int($1) }
  }
}
