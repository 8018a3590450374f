import Datasets
import Foundation
import Testing

@Suite struct PreprocessingTests {
  private func picture() throws -> RawImage {
    try Dataset.open(Fixture.path("folder/1/color.png")).image(at: 0)
  }

  @Test(
    arguments: [ResamplingFilter.nearest, .bilinear, .bicubic, .lanczos],
    [[8, 8], [31, 40], [19, 9]])
  func `Resizes to the bit as PIL does`(_ filter: ResamplingFilter, _ size: [Int]) throws {
    let expected = try #require(
      Fixture.expected["resize \(filter.rawValue) \(size[0])x\(size[1])"])
    let resized = try picture().resized(toHeight: size[0], width: size[1], filter: filter)
    #expect(resized.bytes == expected)
  }

  @Test func `Normalises per channel after scaling`() throws {
    var preprocessing = Preprocessing()
    preprocessing.mean = [0.5, 0.25, 0]
    preprocessing.std = [0.5, 0.25, 1]
    let preprocessor = try Preprocessor(preprocessing, height: 1, width: 1, channels: 3)
    let raw = RawImage(width: 1, height: 1, channels: 3, samples: .bytes([255, 0, 51]))
    let image = try preprocessor.apply(raw, name: "x")
    #expect(image == [1, -1, 0.2])
    #expect(preprocessor.displayed(image) == [1, 0, 0.2])
    #expect(preprocessor.black == [-1, -1, 0])
    #expect(preprocessor.modelUnits(ofRaw: [255]) == [1, 3, 1])
  }

  @Test func `Leaves float arrays unscaled unless asked`() throws {
    let raw = RawImage(width: 1, height: 1, channels: 1, samples: .floats([0.5]))
    var preprocessing = Preprocessing()
    var preprocessor = try Preprocessor(preprocessing, height: 1, width: 1, channels: 1)
    #expect(try preprocessor.apply(raw, name: "x") == [0.5])
    preprocessing.scale = 2
    preprocessor = try Preprocessor(preprocessing, height: 1, width: 1, channels: 1)
    #expect(try preprocessor.apply(raw, name: "x") == [1])
  }

  @Test func `Swaps channels to BGR and spreads grey over channels`() throws {
    var preprocessing = Preprocessing()
    preprocessing.channelOrder = .bgr
    preprocessing.scale = 1
    let preprocessor = try Preprocessor(preprocessing, height: 1, width: 1, channels: 3)
    let color = RawImage(width: 1, height: 1, channels: 3, samples: .bytes([1, 2, 3]))
    #expect(try preprocessor.apply(color, name: "x") == [3, 2, 1])
    let grey = RawImage(width: 1, height: 1, channels: 1, samples: .bytes([9]))
    #expect(try preprocessor.apply(grey, name: "x") == [9, 9, 9])
  }

  @Test func `Resizes the shorter edge and crops the centre`() throws {
    var preprocessing = Preprocessing()
    preprocessing.resize = .shortestEdge(10)
    preprocessing.crop = Preprocessing.Crop(height: 8, width: 9)
    let preprocessor = try Preprocessor(preprocessing, height: 8, width: 9, channels: 3)
    #expect(try preprocessor.apply(picture(), name: "x").count == 8 * 9 * 3)
  }

  @Test func `Says what does not fit`() throws {
    let preprocessor = try Preprocessor(Preprocessing(), height: 28, width: 28, channels: 3)
    #expect(
      throws: DatasetError.size(image: "x", found: "19 × 23", expected: "28 × 28")
    ) { try preprocessor.apply(picture(), name: "x") }
    let grey = try Preprocessor(Preprocessing(), height: 19, width: 23, channels: 1)
    #expect(throws: DatasetError.channels(image: "x", found: 3, expected: 1)) {
      try grey.apply(picture(), name: "x")
    }
    var preprocessing = Preprocessing()
    preprocessing.mean = [0.1, 0.2]
    #expect(throws: DatasetError.self) {
      try Preprocessor(preprocessing, height: 1, width: 1, channels: 3)
    }
  }

  @Test func `Takes a file's factor as one for pictures, whatever the range of the samples`() throws
  {
    var preprocessing = Preprocessing()
    preprocessing.byteScale = 1 / 255.0
    preprocessing.offset = -1
    preprocessing.std = [0.5]
    preprocessing.divisor = [2]
    for (range, samples) in [
      (255.0, RawImage.Samples.bytes([51])), (1, .floats([0.2])), (65535, .floats([13107])),
    ] {
      let preprocessor = try Preprocessor(
        preprocessing, height: 1, width: 1, channels: 1, rawRange: range, defaultScale: 7)
      let image = try preprocessor.apply(
        RawImage(width: 1, height: 1, channels: 1, samples: samples), name: "x")
      #expect(abs(image[0] - -0.8) < 1e-6)
      #expect(abs(preprocessor.displayed(image)[0] - 0.2) < 1e-6)
      #expect(preprocessor.modelUnits(ofRaw: [range]) == [0])
      #expect(preprocessor.black == [-1])
    }
  }

  @Test func `Takes the default factor where neither user nor file states one`() throws {
    func apply(_ scale: Double?) throws -> (Float, Float) {
      var preprocessing = Preprocessing()
      preprocessing.scale = scale
      let preprocessor = try Preprocessor(
        preprocessing, height: 1, width: 1, channels: 1, rawRange: 65535,
        defaultScale: 1 / 65535.0)
      let raw = RawImage(width: 1, height: 1, channels: 1, samples: .floats([65535]))
      let image = try preprocessor.apply(raw, name: "x")
      return (image[0], preprocessor.displayed(image)[0])
    }
    #expect(try apply(nil) == (1, 1))
    #expect(try apply(2) == (131_070, 1))
    let raw = try Preprocessor(
      Preprocessing(), height: 1, width: 1, channels: 1, defaultScale: 1)
    let byte = RawImage(width: 1, height: 1, channels: 1, samples: .bytes([102]))
    #expect(try raw.apply(byte, name: "x") == [102])
    #expect(abs(raw.displayed([102])[0] - 0.4) < 1e-6)
  }

  @Test func `Fills around images that are smaller than the crop, when told with what`() throws {
    var preprocessing = Preprocessing()
    preprocessing.crop = Preprocessing.Crop(height: 1, width: 4, fill: [255])
    preprocessing.scale = 1
    let raw = RawImage(width: 1, height: 1, channels: 1, samples: .bytes([9]))
    func apply() throws -> [Float] {
      try Preprocessor(preprocessing, height: 1, width: 4, channels: 1).apply(raw, name: "x")
    }
    #expect(try apply() == [255, 9, 255, 255])
    preprocessing.crop?.rounding = .down
    #expect(try apply() == [255, 255, 9, 255])
    preprocessing.crop?.fill = nil
    #expect(throws: DatasetError.self) { try apply() }
  }
}
