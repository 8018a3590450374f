/// A candidate for what masked pixels show, and what the model says of the fully masked image.
package struct MaskCandidate: Codable, Equatable, Sendable {
  /// `mean`, `zero` or `explicit`.
  package let name: String
  /// One number per channel, in the model's units.
  package let value: [Float]
  package let predictedClass: Int
  package let confidence: Double
  /// Of the prediction for the fully masked image, in nats.
  package let entropy: Double
  package var isChosen: Bool

  package enum CodingKeys: String, CodingKey {
    case name, value, confidence, entropy
    case predictedClass = "predicted_class"
    case isChosen = "chosen"
  }

  package init(
    name: String, value: [Float], predictedClass: Int, confidence: Double, entropy: Double,
    isChosen: Bool
  ) {
    self.name = name
    self.value = value
    self.predictedClass = predictedClass
    self.confidence = confidence
    self.entropy = entropy
    self.isChosen = isChosen
  }
}
