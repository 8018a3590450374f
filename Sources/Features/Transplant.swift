/// A region of one image, to be pasted at its place into others.
package struct Transplant: Equatable, Sendable {
  /// Row-major positions.
  package let region: [Int]
  /// `[region, c]`.
  private let content: [Float]
  private let channels: Int

  /// `donor`: `[h, w, c]`.
  package init(region: [Int], of donor: [Float], channels: Int) {
    self.region = region
    self.channels = channels
    content = region.flatMap { donor[$0 * channels..<($0 + 1) * channels] }
  }

  private init(region: [Int], content: [Float], channels: Int) {
    (self.region, self.content, self.channels) = (region, content, channels)
  }

  /// The same region with its pixels in another order.
  package func shuffled(using generator: inout some RandomNumberGenerator) -> Transplant {
    let order = region.indices.shuffled(using: &generator)
    return Transplant(
      region: region,
      content: order.flatMap { content[$0 * channels..<($0 + 1) * channels] }, channels: channels)
  }

  /// Pastes into an image, hard at the edge.
  ///
  /// `target`: `[h, w, c]`.
  package func paste(into target: UnsafeMutableBufferPointer<Float>) {
    for (index, position) in region.enumerated() {
      for c in 0..<channels {
        target[position * channels + c] = content[index * channels + c]
      }
    }
  }
}
