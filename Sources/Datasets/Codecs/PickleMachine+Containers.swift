// Containers, and values that are met again.
extension PickleMachine {
  mutating func changeContainer(_ code: UInt8) throws -> Bool {
    switch code {
    case UInt8(ascii: "]"), UInt8(ascii: ")"): push(.sequence([]))
    case UInt8(ascii: "}"): push(.dictionary([]))
    case UInt8(ascii: "l"), UInt8(ascii: "t"): push(.sequence(try popToMark()))
    case UInt8(ascii: "d"): push(.dictionary(try pairs(try popToMark())))
    case 0x85, 0x86, 0x87:
      let count = Int(code) - 0x84
      guard stack.count >= count + (marks.last ?? 0) else { throw damaged }
      let items = Array(stack.suffix(count))
      stack.removeLast(count)
      push(.sequence(items))
    case UInt8(ascii: "a"): try extend(by: [try pop()])
    case UInt8(ascii: "e"): try extend(by: try popToMark())
    case UInt8(ascii: "s"):
      let value = try pop()
      try insert([try pop(), value])
    case UInt8(ascii: "u"): try insert(try popToMark())
    default: return false
    }
    return true
  }

  mutating func extend(by items: [Pickle.Node]) throws {
    guard let target = stack.last, case .sequence(var list) = values[target] else { throw damaged }
    // Emptied first, so that the list is extended in place.
    values[target] = .none
    list += items
    values[target] = .sequence(list)
  }

  mutating func insert(_ items: [Pickle.Node]) throws {
    guard let target = stack.last, case .dictionary(var entries) = values[target] else {
      throw damaged
    }
    values[target] = .none
    entries += try pairs(items)
    values[target] = .dictionary(entries)
  }

  func pairs(
    _ items: [Pickle.Node]
  ) throws -> [(key: Pickle.Node, value: Pickle.Node)] {
    guard items.count % 2 == 0 else { throw damaged }
    return stride(from: 0, to: items.count, by: 2).map { (items[$0], items[$0 + 1]) }
  }

  mutating func useMemo(_ code: UInt8) throws -> Bool {
    switch code {
    case UInt8(ascii: "p"), UInt8(ascii: "g"):
      guard let key = Int(String(decoding: try input.line(), as: UTF8.self)) else { throw damaged }
      try code == UInt8(ascii: "p") ? store(key) : recall(key)
    case UInt8(ascii: "q"): try store(try input.unsigned(1))
    case UInt8(ascii: "r"): try store(try input.unsigned(4))
    case 0x94: try store(memo.count)
    case UInt8(ascii: "h"): try recall(try input.unsigned(1))
    case UInt8(ascii: "j"): try recall(try input.unsigned(4))
    default: return false
    }
    return true
  }

  mutating func store(_ key: Int) throws {
    guard let top = stack.last else { throw damaged }
    memo[key] = top
  }

  mutating func recall(_ key: Int) throws {
    guard let node = memo[key] else { throw damaged }
    stack.append(node)
  }

  mutating func push(_ value: Pickle.Value) {
    values.append(value)
    stack.append(values.count - 1)
  }

  mutating func pop() throws -> Pickle.Node {
    guard stack.count > marks.last ?? 0, let top = stack.popLast() else { throw damaged }
    return top
  }

  mutating func popToMark() throws -> [Pickle.Node] {
    guard let mark = marks.popLast() else { throw damaged }
    defer { stack.removeLast(stack.count - mark) }
    return Array(stack[mark...])
  }
}
