import Inference
import SufficientInputSubsets

/// One image's decision by a network: what the BackSelect procedures ask.
///
/// Images and mask values are in the model's units; a masked pixel takes the mask value in every
/// channel. The procedures' pixels are `units`, which may be groups of pixels.
package struct NetworkClassifier: Classifier {
  private let predictor: Predictor
  private let image: [Float]
  private let maskValue: [Float]
  private let imageName: String
  private let score: ClassScore
  private let kind: ScoreKind
  private let units: PixelUnits
  private let windows: UnitWindows
  /// The image that the predictor's gradients and edits refer to.
  private var reference: Reference?

  private struct Reference {
    let visible: PixelSet
    let image: [Float]
    let output: [Float]
    /// Of the predictor, which others may use too.
    let number: Int
  }

  package var pixelCount: Int { units.count }

  /// `image`: `[h, w, c]`.
  ///
  /// `maskValue`: one number per channel.
  ///
  /// `units`: what is masked at once; nil for single pixels.
  package init(
    _ predictor: Predictor, image: [Float], imageName: String, maskValue: [Float],
    score: ClassScore, kind: ScoreKind, units: PixelUnits? = nil
  ) {
    let input = predictor.network.input
    let units = units ?? .single(input.pixelCount)
    self.predictor = predictor
    self.image = image
    self.imageName = imageName
    self.maskValue = maskValue
    self.score = score
    self.kind = kind
    self.units = units
    windows = UnitWindows(units, rows: input.height, columns: input.width)
  }

  package mutating func evaluate(_ visibleSets: [PixelSet]) throws -> [Evaluation] {
    if visibleSets.count == 1 {
      // The next question is often about edits of this image, or its gradient.
      let reference = try show(visibleSets[0], forGradient: predictor.referenceHasGradient)
      return [score.evaluation(reference.output, kind)]
    }
    let outputs = try predictor.outputs(count: visibleSets.count) { index, target in
      write(visibleSets[index], into: target)
    }
    return try evaluations(outputs)
  }

  package mutating func evaluateToggling(
    eachOf candidates: [Int], visible: PixelSet
  ) throws -> [Evaluation] {
    let reference = try show(visible, forGradient: false)
    // Masking what already looks masked changes nothing.
    let changing = candidates.filter(changesWhenMasked)
    let edits = UnitEdits(
      windows: windows, units: units, candidates: changing, visible: visible, image: image,
      reference: reference.image, maskValue: maskValue)
    let outputs = try predictor.outputs(
      ofEdits: changing.map { windows.origins[$0] }, height: windows.height,
      width: windows.width, fill: { edits.write($0, into: $1) })
    let found = try evaluations(outputs)
    guard changing.count < candidates.count else { return found }
    let unchanged = score.evaluation(reference.output, kind)
    let byCandidate = Dictionary(uniqueKeysWithValues: zip(changing, found))
    return candidates.map { byCandidate[$0] ?? unchanged }
  }

  package mutating func maskGradient(visible: PixelSet) throws -> [Float] {
    let reference = try show(visible, forGradient: true)
    let gradient = predictor.referenceGradient(score.gradient(reference.output, kind))
    let channels = maskValue.count
    return units.pixels.map { pixels in
      var change: Float = 0
      for pixel in pixels {
        for c in 0..<channels {
          let element = pixel * channels + c
          change -= (image[element] - maskValue[c]) * gradient[element]
        }
      }
      return change
    }
  }

  /// Makes the image with everything outside `visible` masked the predictor's reference.
  private mutating func show(_ visible: PixelSet, forGradient: Bool) throws -> Reference {
    if let reference, reference.visible == visible,
      reference.number == predictor.referenceNumber,
      !forGradient || predictor.referenceHasGradient
    {
      return reference
    }
    let masked = maskedImage(visible)
    let output = try predictor.setReference(forGradient: forGradient) {
      _ = $0.update(fromContentsOf: masked)
    }
    try check(output[...], visible: masked)
    let shown = Reference(
      visible: visible, image: masked, output: output, number: predictor.referenceNumber)
    reference = shown
    return shown
  }

  /// The image with everything outside `visible` masked, `[h, w, c]`.
  private func maskedImage(_ visible: PixelSet) -> [Float] {
    [Float](unsafeUninitializedCapacity: image.count) { buffer, count in
      write(visible, into: buffer)
      count = image.count
    }
  }

  private func write(_ visible: PixelSet, into target: UnsafeMutableBufferPointer<Float>) {
    let channels = maskValue.count
    _ = target.update(fromContentsOf: image)
    for (unit, isVisible) in visible.flags.enumerated() where !isVisible {
      for pixel in units.pixels[unit] {
        for c in 0..<channels { target[pixel * channels + c] = maskValue[c] }
      }
    }
  }

  private func changesWhenMasked(_ unit: Int) -> Bool {
    let channels = maskValue.count
    return units.pixels[unit].contains { pixel in
      (0..<channels).contains { image[pixel * channels + $0] != maskValue[$0] }
    }
  }

  private func evaluations(_ outputs: [Float]) throws -> [Evaluation] {
    let classes = predictor.network.classCount
    return try stride(from: 0, to: outputs.count, by: classes).map { start in
      let row = outputs[start..<start + classes]
      try check(row, visible: nil)
      return score.evaluation(row, kind)
    }
  }

  private func check(_ row: ArraySlice<Float>, visible: [Float]?) throws {
    guard !row.allSatisfy(\.isFinite) else { return }
    let shown = visible ?? image
    throw AuditError.notFinite(
      model: predictor.network.name, image: imageName,
      node: predictor.firstNodeNotFinite { _ = $0.update(fromContentsOf: shown) })
  }
}

/// A window of the image around each unit, all of one size.
private struct UnitWindows {
  let height: Int
  let width: Int
  let origins: [(row: Int, column: Int)]
  let imageColumns: Int

  init(_ units: PixelUnits, rows: Int, columns: Int) {
    let bounds = units.pixels.map { pixels in
      let rows = pixels.map { $0 / columns }
      let columns = pixels.map { $0 % columns }
      return (
        rows: (rows.min() ?? 0)...(rows.max() ?? 0),
        columns: (columns.min() ?? 0)...(columns.max() ?? 0)
      )
    }
    let height = bounds.map(\.rows.count).max() ?? 1
    let width = bounds.map(\.columns.count).max() ?? 1
    self.height = height
    self.width = width
    imageColumns = columns
    origins = bounds.map {
      (min($0.rows.lowerBound, rows - height), min($0.columns.lowerBound, columns - width))
    }
  }
}

/// Writes the window of each candidate: the reference image with the candidate's unit toggled.
private struct UnitEdits: Sendable {
  let windows: UnitWindows
  let units: PixelUnits
  let candidates: [Int]
  let visible: PixelSet
  let image: [Float]
  let reference: [Float]
  let maskValue: [Float]

  func write(_ index: Int, into target: UnsafeMutableBufferPointer<Float>) {
    let unit = candidates[index]
    let (top, left) = windows.origins[unit]
    let channels = maskValue.count
    let row = windows.width * channels
    for y in 0..<windows.height {
      let start = ((top + y) * windows.imageColumns + left) * channels
      for element in 0..<row { target[y * row + element] = reference[start + element] }
    }
    let isVisible = visible.contains(unit)
    for pixel in units.pixels[unit] {
      let y = pixel / windows.imageColumns - top
      let x = pixel % windows.imageColumns - left
      for c in 0..<channels {
        target[(y * windows.width + x) * channels + c] =
          isVisible ? maskValue[c] : image[pixel * channels + c]
      }
    }
  }
}
