import Tensors

/// What a value is called, in two parts that no file can confuse: the model's name and what the
/// compiler made of the value.
///
/// A model may call a constant anything, also what a compiler would call a form of another.
package struct ValueName: Hashable, Sendable {
  /// What the compiler made of a value.
  enum Form: Hashable, Sendable {
    case arranged(Layout)
    /// Known from the shapes of the inputs alone.
    case known(inputs: [Shape])
    /// What changes in an edited image.
    case edit
    /// Where the edits of a batch begin.
    case positions
    /// A map of the image that edits start from.
    case reference
    /// What an edit changes in a map.
    case window
    /// A window cut out of a map, by its number in the program.
    case gather(Int)
  }

  /// The model's name; empty for an optional input that is left out.
  let base: String
  /// First made first.
  private(set) var forms: [Form] = []

  package init(_ base: String) {
    self.base = base
  }

  func with(_ form: Form) -> ValueName {
    var name = self
    name.forms.append(form)
    return name
  }

  /// The name before `form` was added last.
  func without(_ form: Form) -> ValueName {
    precondition(forms.last == form, "'\(self)' does not end in \(form)")
    var name = self
    name.forms.removeLast()
    return name
  }

  var isModelValue: Bool { forms.isEmpty }
}

extension ValueName: CustomStringConvertible {
  package var description: String {
    base + forms.map { " (\($0))" }.joined()
  }
}

/// Makes names that nothing in a graph carries yet.
struct FreshNames {
  private var taken: Set<String>

  init(taken: Set<String>) {
    self.taken = taken
  }

  /// A name like `hint`, which is then taken.
  mutating func make(_ hint: String) -> String {
    var name = hint
    var number = 1
    while !taken.insert(name).inserted {
      number += 1
      name = "\(hint) \(number)"
    }
    return name
  }
}
