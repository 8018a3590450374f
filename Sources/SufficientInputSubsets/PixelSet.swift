/// A set of pixels of one image, told by membership flags.
public struct PixelSet: Codable, Equatable, Sendable {
  /// Whether each pixel belongs to the set, in row-major order.
  public private(set) var flags: [Bool]
  /// The number of pixels in the set.
  public private(set) var count: Int

  /// Creates the set of all pixels of an image.
  public static func all(of pixelCount: Int) -> PixelSet {
    PixelSet(flags: [Bool](repeating: true, count: pixelCount))
  }

  /// Creates the set of the given pixels.
  ///
  /// - Parameters:
  ///   - pixels: Row-major indices, each below `pixelCount`.
  ///   - pixelCount: The number of pixels of the image.
  public init(_ pixels: some Sequence<Int>, of pixelCount: Int) {
    var flags = [Bool](repeating: false, count: pixelCount)
    for pixel in pixels { flags[pixel] = true }
    self.init(flags: flags)
  }

  /// Creates a set from membership flags.
  public init(flags: [Bool]) {
    self.flags = flags
    count = flags.reduce(0) { $0 + ($1 ? 1 : 0) }
  }

  /// The pixels of the set, ascending.
  public var pixels: [Int] { flags.indices.filter { flags[$0] } }

  /// Whether no pixel belongs to the set.
  public var isEmpty: Bool { count == 0 }

  /// Whether `pixel` belongs to the set.
  public func contains(_ pixel: Int) -> Bool { flags[pixel] }

  /// Adds a pixel.
  public mutating func insert(_ pixel: Int) {
    if !flags[pixel] { count += 1 }
    flags[pixel] = true
  }

  /// Takes a pixel away.
  public mutating func remove(_ pixel: Int) {
    if flags[pixel] { count -= 1 }
    flags[pixel] = false
  }

  /// The set without those of some pixels that it has, and with those that it lacks.
  ///
  /// `pixels`: each once.
  public func toggling(_ pixels: some Sequence<Int>) -> PixelSet {
    var changed = self
    for pixel in pixels {
      if contains(pixel) { changed.remove(pixel) } else { changed.insert(pixel) }
    }
    return changed
  }

  /// The pixels of this set that are not in `other`.
  public func subtracting(_ other: PixelSet) -> PixelSet {
    PixelSet(flags: zip(flags, other.flags).map { $0 && !$1 })
  }
}
