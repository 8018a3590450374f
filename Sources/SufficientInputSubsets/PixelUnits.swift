/// What is masked at once: single pixels, or groups of them such as patches or superpixels.
///
/// Every pixel belongs to one unit. A search over units treats each as if it were a pixel;
/// `expanded(_:)` turns what it finds into an order of pixels.
public struct PixelUnits: Equatable, Sendable {
  /// The pixels of each unit, row-major indices, ascending.
  public let pixels: [[Int]]
  /// The number of pixels of the image.
  public let pixelCount: Int

  /// The number of units.
  public var count: Int { pixels.count }

  /// Creates one unit per pixel.
  public static func single(_ pixelCount: Int) -> PixelUnits {
    PixelUnits(pixels: (0..<pixelCount).map { [$0] }, pixelCount: pixelCount)
  }

  /// Creates rectangles that cover an image from its top left corner; the last of a row or column
  /// are cut off at the border.
  ///
  /// - Parameters:
  ///   - height: Rows of a patch, at least 1.
  ///   - width: Columns of a patch, at least 1.
  ///   - rows: Rows of the image.
  ///   - columns: Columns of the image.
  /// - Returns: Patches in row-major order.
  public static func patches(
    height: Int, width: Int, rows: Int, columns: Int
  ) -> PixelUnits {
    let across = (columns + width - 1) / width
    return PixelUnits(
      labels: (0..<rows * columns).map {
        $0 / columns / height * across + $0 % columns / width
      })
  }

  /// Creates units from a label per pixel; a unit's number follows its first pixel.
  public init(labels: [Int]) {
    var units: [Int: Int] = [:]
    var pixels: [[Int]] = []
    for (pixel, label) in labels.enumerated() {
      if let unit = units[label] {
        pixels[unit].append(pixel)
      } else {
        units[label] = pixels.count
        pixels.append([pixel])
      }
    }
    self.init(pixels: pixels, pixelCount: labels.count)
  }

  private init(pixels: [[Int]], pixelCount: Int) {
    self.pixels = pixels
    self.pixelCount = pixelCount
  }

  /// The pixels of a set of units.
  public func pixels(of units: PixelSet) -> PixelSet {
    PixelSet(units.pixels.flatMap { pixels[$0] }, of: pixelCount)
  }

  /// The pixels of units given last masked first, last masked first.
  public func inSearchOrder(_ units: [Int]) -> [Int] {
    units.flatMap { pixels[$0].reversed() }
  }

  /// A search over units as one over pixels: the pixels of a unit follow each other, and what the
  /// model says is known after the last of them.
  public func expanded(_ run: BackSelectRun) -> BackSelectRun {
    BackSelectRun(
      start: pixels(of: run.start), initial: run.initial,
      steps: run.steps.flatMap { step in
        let members = pixels[step.pixel]
        return members.dropLast().map { BackSelectStep(pixel: $0, after: nil) } + [
          BackSelectStep(pixel: members[members.count - 1], after: step.after)
        ]
      },
      visited: run.visited.map {
        VisitedSubset(
          criterion: $0.criterion, pixels: inSearchOrder($0.pixels), evaluation: $0.evaluation)
      }, cost: run.cost)
  }

  /// A search over units without those visited subsets that are smaller in units but not in pixels.
  public func comparedInPixels(_ run: BackSelectRun) -> BackSelectRun {
    func pixelCount(_ units: [Int]) -> Int { units.reduce(0) { $0 + pixels[$1].count } }
    var compared = run
    compared.visited = run.visited.filter { subset in
      let end = run.subset(ofSize: run.sizeOfEnd(meeting: subset.criterion) ?? 0)
      return pixelCount(subset.pixels) < pixelCount(end)
    }
    return compared
  }
}
