/// One decision about how a model or its data is read, and why it was taken that way.
///
/// Printed before anything expensive, stored in the plan, shown in the report under "How model and data
/// were read" and written to `audit.json`.
package struct Reading: Codable, Equatable, Sendable {
  /// What was to be decided.
  package enum Question: String, Codable, Sendable {
    case format, images, values, preprocessing, labels, output, numbers, input, mask
    case passedOver = "passed over"
    case orientation = "EXIF rotation"
    case classOrder = "class order"
    case classesInData = "classes in the data"
  }

  /// What decided.
  package enum Ground: String, Codable, Sendable {
    /// The user, by a flag.
    case stated
    /// What files say, or what was computed from them.
    case evidence
    /// The usual case: nothing spoke for it or against it.
    case convention
  }

  package let question: Question
  package let answer: String
  /// The evidence in words; empty where the answer needs none.
  package let reason: String
  package let ground: Ground

  package init(
    _ question: Question, _ answer: String, _ ground: Ground, because reason: String = ""
  ) {
    self.question = question
    self.answer = answer
    self.reason = reason
    self.ground = ground
  }

  /// Question, answer and why, in one line.
  package var line: String {
    let why = [ground == .stated ? "stated" : "", reason].filter { !$0.isEmpty }
    return "\(question.rawValue): \(answer)"
      + (why.isEmpty ? "" : " (\(why.joined(separator: "; ")))")
  }
}
