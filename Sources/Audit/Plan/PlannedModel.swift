import Datasets

/// One model of an audit, as its plan states it: facts of the file, how it is read, what it said of
/// the whole dataset, and its mask.
package struct PlannedModel: Codable, Equatable, Sendable {
  package let name: String
  /// SHA-256 of its files.
  package let digest: String
  /// Elements of all trained tensors.
  package let parameters: Int
  /// Of one image's forward pass.
  package let multiplyAdds: Int
  package let opset: Int
  /// What its output's numbers are, such as `logits`.
  package let output: String
  /// Whether it computes with quantised numbers; nil in plans of earlier versions.
  package let isQuantized: Bool?
  package let preprocessing: Preprocessing
  /// Correct among all images of the dataset.
  package let correct: Int
  /// Correct within the five highest classes; nil with 10 classes or fewer.
  package let correctInTopFive: Int?
  package let masks: [MaskCandidate]
  /// What masked pixels look like, one byte per channel.
  package let maskDisplay: [UInt8]
  /// Folder of this model's records: name and a digest of all that changes them.
  package let recordFolder: String
  /// How it was read, and why; nil in plans of earlier versions.
  package let readings: [Reading]?

  package init(
    name: String, digest: String, parameters: Int, multiplyAdds: Int, opset: Int, output: String,
    isQuantized: Bool?, preprocessing: Preprocessing, correct: Int, correctInTopFive: Int?,
    masks: [MaskCandidate], maskDisplay: [UInt8], recordFolder: String, readings: [Reading]?
  ) {
    self.name = name
    self.digest = digest
    self.parameters = parameters
    self.multiplyAdds = multiplyAdds
    self.opset = opset
    self.output = output
    self.isQuantized = isQuantized
    self.preprocessing = preprocessing
    self.correct = correct
    self.correctInTopFive = correctInTopFive
    self.masks = masks
    self.maskDisplay = maskDisplay
    self.recordFolder = recordFolder
    self.readings = readings
  }

  /// The mask value in use.
  package var mask: MaskCandidate {
    guard let chosen = masks.first(where: \.isChosen) else {
      preconditionFailure("no mask of '\(name)' is chosen")
    }
    return chosen
  }
}
