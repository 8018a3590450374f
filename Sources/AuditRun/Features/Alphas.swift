import Features

/// α of some images, by component.
struct Alphas {
  let images: [Int]
  /// `[images, d]`.
  let values: [Double]
  private let dimension: Int
  private let rows: [Int: Int]

  init(of images: [Int], in seen: SeenImages, _ components: ClassComponents) {
    self.images = images
    values = components.alphas(seen.features(of: images))
    dimension = components.count
    rows = Dictionary(
      uniqueKeysWithValues: images.enumerated().map { ($0.element, $0.offset) })
  }

  /// `image`: one of `images`.
  subscript(component: Int, of image: Int) -> Double {
    values[(rows[image] ?? 0) * dimension + component]
  }

  /// Images by α of a component, largest first; of equals the first.
  func descending(_ component: Int) -> [Int] {
    images.sorted { (self[component, of: $1], $0) < (self[component, of: $0], $1) }
  }
}
