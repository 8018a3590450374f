/// How often a model is right when noise lies on some features of each image: *core accuracy* with noise on
/// the spurious ones, *spurious accuracy* with noise on the core ones.
///
/// Section 5 of Singla and Feizi, "Salient ImageNet" (2022).
package struct NoiseAccuracy: Equatable, Sendable {
  /// By class: images right, and all.
  package private(set) var right: [Int]
  package private(set) var total: [Int]

  package init(classCount: Int) {
    right = [Int](repeating: 0, count: classCount)
    total = [Int](repeating: 0, count: classCount)
  }

  /// Images without a feature to lay noise on are left out.
  package mutating func add(label: Int, predictedClass: Int) {
    total[label] += 1
    right[label] += label == predictedClass ? 1 : 0
  }

  /// Of all images; nil without one.
  package var accuracy: Double? {
    let n = total.reduce(0, +)
    return n > 0 ? Double(right.reduce(0, +)) / Double(n) : nil
  }

  /// The mean of the classes' accuracies; classes without an image are left out.
  package var meanOverClasses: Double? {
    let own = zip(right, total).filter { $0.1 > 0 }.map { Double($0.0) / Double($0.1) }
    return own.isEmpty ? nil : own.reduce(0, +) / Double(own.count)
  }
}

extension NoiseAccuracy {
  /// The usual noise's standard deviation, in pixels of 0...1.
  package static let deviation = 0.25

  /// Where some features are active: the largest of their activation maps, each enlarged.
  ///
  /// `map`: the last map of one image, `[d, height, width]`.
  ///
  /// Returns nil without a feature.
  package static func mask(
    of features: [Int], map: ArraySlice<Float>, height: Int, width: Int,
    enlargedTo size: (height: Int, width: Int)
  ) -> HeatMap? {
    let positions = height * width
    let maps = features.map { feature in
      let start = map.startIndex + feature * positions
      return HeatMap(
        height: height, width: width, values: map[start..<start + positions].map { Double($0) }
      ).normalized.enlarged(height: size.height, width: size.width)
    }
    return HeatMap.largest(of: maps)
  }

  /// Pixels with noise on them, kept in 0...1.
  ///
  /// `pixels`: `[h, w, c]`, in 0...1.
  ///
  /// `noise`: as many numbers.
  package static func noised(_ pixels: [Double], by noise: [Double], on mask: HeatMap) -> [Double] {
    let channels = pixels.count / mask.values.count
    return pixels.indices.map { index in
      min(max(pixels[index] + noise[index] * mask.values[index / channels], 0), 1)
    }
  }
}
