import Audit
import Inference
import SufficientInputSubsets

/// One image's decision by a network: what the BackSelect procedures ask.
///
/// Images and mask values are in the model's units; a masked pixel takes the mask value in every
/// channel. The procedures' pixels are `units`, which may be groups of pixels.
package struct NetworkClassifier: Classifier {
  private let sessions: SearchSessions
  private let image: [Float]
  private let maskValue: [Float]
  private let imageName: String
  private let score: ClassScore
  private let kind: ScoreKind
  private let units: PixelUnits
  private let windows: UnitWindows
  /// The masked image that was shown last: the next question is often about it.
  private var shown: (visible: PixelSet, image: ReferenceImage)?

  private var network: Network { sessions.predictor.network }

  package var pixelCount: Int { units.count }

  /// `sessions`: made with a gradient when `maskGradient` will be asked for.
  ///
  /// `image`: `[h, w, c]`.
  ///
  /// `maskValue`: one number per channel.
  ///
  /// `units`: what is masked at once; nil for single pixels.
  package init(
    _ sessions: SearchSessions, image: [Float], imageName: String, maskValue: [Float],
    score: ClassScore, kind: ScoreKind, units: PixelUnits? = nil
  ) {
    let input = sessions.predictor.network.input
    let units = units ?? .single(input.pixelCount)
    self.sessions = sessions
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
      return [score.evaluation(try show(visibleSets[0]).outputs, kind)]
    }
    let outputs = try sessions.predictor.outputs(count: visibleSets.count) { index, target in
      write(visibleSets[index], into: target)
    }
    return try evaluations(outputs) { visibleSets[$0] }
  }

  package mutating func evaluateToggling(
    eachOf candidates: [Int], visible: PixelSet
  ) throws -> [Evaluation] {
    let reference = try show(visible)
    // Masking what already looks masked changes nothing.
    let changing = candidates.filter(changesWhenMasked)
    let edits = UnitEdits(
      windows: windows, units: units, candidates: changing, visible: visible, image: image,
      reference: reference.pixels, maskValue: maskValue)
    let outputs = try reference.outputs(
      ofEdits: changing.map { windows.origins[$0] }, height: windows.height,
      width: windows.width, fill: { edits.write($0, into: $1) })
    let found = try evaluations(outputs) { visible.toggling(CollectionOfOne(changing[$0])) }
    guard changing.count < candidates.count else { return found }
    let unchanged = score.evaluation(reference.outputs, kind)
    let byCandidate = Dictionary(uniqueKeysWithValues: zip(changing, found))
    return candidates.map { byCandidate[$0] ?? unchanged }
  }

  package mutating func maskGradient(visible: PixelSet) throws -> [Float] {
    let reference = try show(visible)
    let gradient = try reference.gradient(score.gradient(reference.outputs, kind))
    guard gradient.allSatisfy(\.isFinite) else {
      throw AuditRunError.notFinite(
        model: network.name, image: "\(name(of: visible)), in the gradient", node: nil)
    }
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

  /// The image with everything outside `visible` masked, shown to the network.
  private mutating func show(_ visible: PixelSet) throws -> ReferenceImage {
    if let shown, shown.visible == visible { return shown.image }
    let image = try sessions.reference.image(maskedImage(visible))
    try check(image.outputs[...], of: visible)
    shown = (visible, image)
    return image
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

  /// `visible`: what each row of `outputs` was computed from.
  private func evaluations(
    _ outputs: [Float], visible: (Int) -> PixelSet
  ) throws -> [Evaluation] {
    let classes = network.classCount
    return try (0..<outputs.count / classes).map { index in
      let row = outputs[index * classes..<(index + 1) * classes]
      try check(row, of: visible(index))
      return score.evaluation(row, kind)
    }
  }

  /// Looks for the node on the image as it was shown, which may be fine elsewhere.
  private func check(_ row: ArraySlice<Float>, of visible: @autoclosure () -> PixelSet) throws {
    guard !row.allSatisfy(\.isFinite) else { return }
    let visible = visible()
    throw AuditRunError.notFinite(
      model: network.name, image: name(of: visible),
      node: sessions.predictor.firstNodeNotFinite { write(visible, into: $0) })
  }

  private func name(of visible: PixelSet) -> String {
    let masked = pixelCount - visible.count
    return masked == 0 ? imageName : "\(imageName) (\(masked) of \(pixelCount) units masked)"
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
