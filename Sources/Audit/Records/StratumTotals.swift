import CZlib
import Foundation
import SharedWork

/// What is known of a model's images only as a sum: those of one stratum, which weigh the same.
package struct StratumTotals: Codable, Equatable, Sendable {
  /// Points of the mean curve.
  static let resolution = 50

  /// How many q% subsets hold each pixel.
  var locations: PixelCounts
  /// Sums of confidence with 0, 1/50, 2/50 … of the pixels visible.
  var curve: PackedNumbers<Double>

  init(pixels: Int) {
    locations = PixelCounts(counts: [UInt32](repeating: 0, count: pixels))
    curve = PackedNumbers([Double](repeating: 0, count: StratumTotals.resolution + 1))
  }

  mutating func add(_ record: ImageRecord, _ plan: AuditPlan) {
    for pixel in record.lastPixels(plan.subsetSize) { locations.counts[pixel] += 1 }
    let sizes = (0...StratumTotals.resolution).map {
      $0 * plan.pixelCount / StratumTotals.resolution
    }
    for (point, confidence) in record.confidences(visible: sizes).enumerated() {
      curve.values[point] += confidence
    }
  }

  mutating func add(_ other: StratumTotals) {
    for (pixel, count) in other.locations.counts.enumerated() where count > 0 {
      locations.counts[pixel] += count
    }
    for (point, sum) in other.curve.values.enumerated() { curve.values[point] += sum }
  }

  /// `[stratum]` of some records, each of one of them.
  static func all(
    _ records: [ImageRecord], strata: [Int], _ plan: AuditPlan
  ) -> [StratumTotals] {
    var totals = plan.sample.strata.map { _ in StratumTotals(pixels: plan.pixelCount) }
    for (record, stratum) in zip(records, strata) { totals[stratum].add(record, plan) }
    return totals
  }
}

/// A count for every pixel, compressed where it is stored: most are 0 or alike.
struct PixelCounts: Codable, Equatable, Sendable {
  var counts: [UInt32]

  init(counts: [UInt32]) {
    self.counts = counts
  }

  private struct Stored: Codable {
    let pixels: Int
    /// zlib's stream of the lowest bytes of all counts, then the next ones, up to the highest.
    let planes: Data
  }

  init(from decoder: any Decoder) throws {
    let stored = try Stored(from: decoder)
    func damaged(_ reason: String) -> DecodingError {
      .dataCorrupted(.init(codingPath: decoder.codingPath, debugDescription: reason))
    }
    guard (0...1 << 28).contains(stored.pixels) else { throw damaged("no number of pixels") }
    var planes = [UInt8](repeating: 0, count: 4 * stored.pixels)
    var length = uLongf(planes.count)
    let status = stored.planes.withUnsafeBytes { bytes in
      uncompress(
        &planes, &length, bytes.bindMemory(to: UInt8.self).baseAddress, uLong(bytes.count))
    }
    guard status == Z_OK, Int(length) == planes.count else { throw damaged("no zlib stream") }
    counts = (0..<stored.pixels).map { pixel in
      (0..<4).reduce(0) { $0 | UInt32(planes[$1 * stored.pixels + pixel]) << (8 * $1) }
    }
  }

  func encode(to encoder: any Encoder) throws {
    let planes = (0..<4).flatMap { plane in
      counts.map { UInt8(truncatingIfNeeded: $0 >> (8 * plane)) }
    }
    var length = compressBound(uLong(planes.count))
    var bytes = [UInt8](repeating: 0, count: Int(length))
    let status = compress2(&bytes, &length, planes, uLong(planes.count), 6)
    precondition(status == Z_OK, "zlib refused \(planes.count) bytes")
    try Stored(pixels: counts.count, planes: Data(bytes[..<Int(length)])).encode(to: encoder)
  }
}
