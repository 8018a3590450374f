/// What happens to an image between file and model, as a value that a report can state.
///
/// In this order: `firstCrop`, `resize`, `crop`, the scale, `offset`, the order of channels, `mean`
/// and `std`, `divisor`.
package struct Preprocessing: Codable, Equatable, Sendable {
  package enum Resize: Codable, Equatable, Sendable {
    /// The shorter side takes this length, the other keeps the aspect ratio and is rounded down.
    case shortestEdge(Int)
    case exact(height: Int, width: Int)
    /// As `shortestEdge`, then both sides go up to the next multiple.
    case shortestEdgeInMultiples(Int, of: Int)
    /// Keeps the aspect ratio and covers `height × width`, as timm's `ResizeKeepRatio` rounds.
    case covering(height: Int, width: Int)
    /// Keeps the aspect ratio and lies within `height × width`, as timm's `ResizeKeepRatio` rounds.
    case within(height: Int, width: Int)
  }

  package enum ChannelOrder: String, Codable, Sendable, CaseIterable {
    case rgb, bgr
  }

  /// How the centre is found when an odd number of rows or columns goes, or is added.
  package enum CropRounding: String, Codable, Sendable {
    /// torchvision's `CenterCrop`: half to even; what is added before is rounded down.
    case halfToEven
    /// Hugging Face's `center_crop`: down; what is added before is rounded up.
    case down
  }

  package struct Crop: Codable, Equatable, Sendable {
    package var height: Int
    package var width: Int
    package var rounding = CropRounding.halfToEven
    /// What is put around images that are smaller: one number in 0...255, or one per channel.
    ///
    /// Nil: such images are refused.
    package var fill: [Double]?

    package init(
      height: Int, width: Int, rounding: CropRounding = .halfToEven, fill: [Double]? = nil
    ) {
      self.height = height
      self.width = width
      self.rounding = rounding
      self.fill = fill
    }
  }

  /// A centre crop in units of the image's shorter side, rounded down.
  package struct RelativeCrop: Codable, Equatable, Sendable {
    package var height: Double
    package var width: Double

    package init(height: Double, width: Double) {
      self.height = height
      self.width = width
    }
  }

  /// Applied before `resize`.
  package var firstCrop: RelativeCrop?
  package var resize: Resize?
  package var filter = ResamplingFilter.bilinear
  package var crop: Crop?
  package var channelOrder = ChannelOrder.rgb
  /// Factor for samples as they are stored, whatever their range; goes before `byteScale`.
  ///
  /// Nil where `byteScale` is nil, too: 1/255 for bytes, 1 for float arrays.
  package var scale: Double?
  /// Factor for samples in 0...255; samples of another range are brought to that range.
  ///
  /// Preprocessing files state this one: they mean decoded pictures.
  package var byteScale: Double?
  /// Added to scaled samples; nil is 0.
  package var offset: Double?
  /// One number, or one per channel, in units of scaled samples; nil is 0.
  package var mean: [Double]?
  /// One number, or one per channel; nil is 1.
  package var std: [Double]?
  /// One number, or one per channel, that normalised samples are divided by; nil is 1.
  package var divisor: [Double]?
  /// The file that it was read from, and the kind it was read as.
  package var source: String?
  /// What a reader of a report should know about how the file was read, one sentence each.
  package var notes: [String]?

  package init() {}
}
