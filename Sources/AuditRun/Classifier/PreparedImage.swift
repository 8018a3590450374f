import Audit
import Datasets
import Inference
import SharedWork
import SufficientInputSubsets

/// One image of a dataset as a model sees it, with the units that BackSelect masks.
///
/// Searches, their estimate and explanations all start here.
package struct PreparedImage: Sendable {
  package let model: AuditedModel
  /// In the dataset.
  package let index: Int
  /// What errors and reports call it.
  package let name: String
  /// In the model's units, `[h, w, c]`.
  package let pixels: [Float]
  /// For display, 0...255, `[h, w, c]`.
  package let display: [UInt8]
  package let units: PixelUnits

  /// `name`: nil for the dataset's.
  ///
  /// Throws what reading or preprocessing the image throws, and `SharedWorkError.interrupted`.
  package init(
    _ index: Int, of dataset: Dataset, for model: AuditedModel, unit: MaskUnit, name: String? = nil
  ) throws {
    self.model = model
    self.index = index
    self.name = name ?? dataset.identifiers[index]
    pixels = try model.image(index, of: dataset)
    display = model.display(pixels)
    let input = model.network.input
    units = unit.units(rows: input.height, columns: input.width, display: display)
  }

  /// SHA-256 of its pixels.
  package var digest: String { Digest.sha256(pixels) }

  /// What BackSelect asks about one class of it.
  ///
  /// `sessions`: made with a gradient when the search needs one.
  ///
  /// `maskValue`: one number per channel, in the model's units.
  package func decision(
    about classIndex: Int, by sessions: SearchSessions, maskValue: [Float], kind: ScoreKind
  ) -> NetworkClassifier {
    NetworkClassifier(
      sessions, image: pixels, imageName: name, maskValue: maskValue,
      score: ClassScore(classIndex: classIndex, outputKind: model.network.outputKind), kind: kind,
      units: units)
  }

  /// What a search found, as it is stored.
  ///
  /// `logits`: of the whole image.
  package func record(
    _ found: FoundSubsets, in dataset: Dataset, predictedClass: Int, logits: [Float], label: Int
  ) -> ImageRecord {
    let input = model.network.input
    return ImageRecord(
      found.run, minimal: found.minimal, image: index, identifier: dataset.identifiers[index],
      label: label, predictedClass: predictedClass, logits: logits, height: input.height,
      width: input.width, channels: input.channels, imageDigest: digest, display: display)
  }
}
