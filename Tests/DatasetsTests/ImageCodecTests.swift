import Datasets
import Foundation
import Testing

/// The pictures in `fixtures/images`, and what Pillow reads from each; see `generate.py` there.
enum ImageFixture {
  struct Picture: Decodable {
    /// Height and width.
    let shape: [Int]
    let rgb: [UInt8]
  }

  struct Expected: Decodable {
    let plain: [String: Picture]
    let turned: [String: Picture]
    /// Words that the error must hold.
    let refused: [String: [String]]
  }

  static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .appendingPathComponent("../../fixtures/images").standardizedFileURL

  static func expected() throws -> Expected {
    let file = folder.appendingPathComponent("expected.json")
    return try JSONDecoder().decode(Expected.self, from: Data(contentsOf: file))
  }

  static func bytes(_ name: String) throws -> Data {
    try Data(contentsOf: folder.appendingPathComponent(name))
  }

  static func decode(_ name: String, appliesOrientation: Bool = false) throws -> RawImage {
    try decodeImageFile(
      DatasetPath(folder.appendingPathComponent(name).path),
      appliesOrientation: appliesOrientation)
  }

  /// Samples of red, green and blue, those of grey pictures three times.
  static func rgb(_ image: RawImage) -> [UInt8] {
    guard case .bytes(let samples) = image.samples else { return [] }
    return image.channels == 3 ? samples : samples.flatMap { [$0, $0, $0] }
  }
}

@Suite struct ImageCodecTests {
  @Test func `Decodes every kind to the values that Pillow reads`() throws {
    let expected = try ImageFixture.expected().plain
    #expect(expected.count > 60)
    for (name, picture) in expected {
      let image = try ImageFixture.decode(name)
      #expect([image.height, image.width] == picture.shape, "\(name)")
      #expect(ImageFixture.rgb(image) == picture.rgb, "\(name)")
    }
  }

  @Test func `Keeps grey pictures at one channel`() throws {
    for name in [
      "jpeg-grey.jpg", "png-1-bit.png", "png-grey-alpha16.png", "tiff-2-bit.tif",
      "netpbm-grey.pgm", "netpbm-bits.pbm",
    ] {
      #expect(try ImageFixture.decode(name).channels == 1, "\(name)")
    }
  }

  @Test func `Turns a picture as its orientation asks, only when told to`() throws {
    let expected = try ImageFixture.expected()
    #expect(expected.turned.count >= 10)
    for (name, plain) in expected.plain {
      let upright = expected.turned[name] ?? plain
      let image = try ImageFixture.decode(name, appliesOrientation: true)
      #expect([image.height, image.width] == upright.shape, "\(name)")
      #expect(ImageFixture.rgb(image) == upright.rgb, "\(name)")
    }
  }

  @Test func `Reads the orientation from Exif and XMP in each format`() throws {
    for value in 1...8 {
      #expect(imageOrientation(try ImageFixture.bytes("exif-\(value).jpg")) == value)
    }
    #expect(imageOrientation(try ImageFixture.bytes("png-exif-behind.png")) == 6)
    #expect(imageOrientation(try ImageFixture.bytes("webp-exif.webp")) == 8)
    #expect(imageOrientation(try ImageFixture.bytes("xmp.jpg")) == 3)
  }

  @Test func `Has no orientation left where none is stated, valid, or unapplied`() throws {
    for name in ["jpeg.jpg", "exif-9.jpg", "gif.gif", "refused-empty.png"] {
      #expect(imageOrientation(try ImageFixture.bytes(name)) == 1, "\(name)")
    }
    // Pillow turns TIFF pictures when it loads them, so nothing is left to apply.
    #expect(imageOrientation(try ImageFixture.bytes("tiff-orientation6.tif")) == 1)
  }

  @Test func `Refuses by name what it cannot read as Pillow does`() throws {
    for (name, words) in try ImageFixture.expected().refused {
      let error = #expect(throws: DatasetError.self, "\(name)") {
        try ImageFixture.decode(name)
      }
      let text = error.map { "\($0)" } ?? ""
      #expect(text.contains(name))
      for word in words { #expect(text.contains(word), "\(name): \(text)") }
    }
  }

  @Test func `Names an extension as decoded or not, never as both`() throws {
    #expect(imageExtensions.isDisjoint(with: undecodableImageExtensions))
    // Those that torchvision's ImageFolder takes.
    let torchvision: Set = [
      "jpg", "jpeg", "png", "ppm", "bmp", "pgm", "tif", "tiff", "webp",
    ]
    #expect(imageExtensions.isSuperset(of: torchvision))
  }

  @Test func `Tells a format by its bytes and not by its name`() throws {
    let image = try ImageFixture.decode("png-named-jpeg.JPEG")
    let shape: [Int] = [image.height, image.width, image.channels]
    #expect(shape == [9, 13, 3])
  }
}
