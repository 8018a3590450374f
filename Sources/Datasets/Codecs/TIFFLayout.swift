import CTIFF

/// What the tags of a TIFF picture say about its samples.
struct TIFFLayout {
  enum Photometric: Int {
    case whiteIsZero = 0
    case blackIsZero = 1
    case colors = 2
    case palette = 3
    case inks = 5
    case chroma = 6
  }

  let width: Int
  let height: Int
  let bits: Int
  /// Per pixel, those beyond the colours included.
  let samples: Int
  let photometric: Photometric
  let orientation: Int
  private let compression: Int
  private let format: Int
  private let isSeparate: Bool
  /// What samples beyond the colours are: 0 unknown, 1 opacity multiplied in, 2 opacity.
  private let extras: [Int]

  init(_ tiff: TIFFSource) throws {
    width = tiff.number32(TIFFTAG_IMAGEWIDTH) ?? 0
    height = tiff.number32(TIFFTAG_IMAGELENGTH) ?? 0
    bits = tiff.number16(TIFFTAG_BITSPERSAMPLE) ?? 1
    samples = tiff.number16(TIFFTAG_SAMPLESPERPIXEL) ?? 1
    compression = tiff.number16(TIFFTAG_COMPRESSION) ?? 1
    format = tiff.number16(TIFFTAG_SAMPLEFORMAT) ?? 1
    isSeparate = tiff.number16(TIFFTAG_PLANARCONFIG) == Int(PLANARCONFIG_SEPARATE)
    orientation = tiff.number16(TIFFTAG_ORIENTATION) ?? 1
    extras = tiff.extraSamples
    let stated = tiff.number16(TIFFTAG_PHOTOMETRIC) ?? 0
    guard let photometric = Photometric(rawValue: stated) else {
      throw tiff.file.unsupported(
        "a TIFF of photometric interpretation \(stated)", advice: "Save it as PNG.")
    }
    self.photometric = photometric
  }

  /// How many planes are stored apart, each with one sample per pixel when several are.
  var planes: Int { isSeparate && samples > 1 ? samples : 1 }
  var samplesPerPlane: Int { planes == 1 ? samples : 1 }
  var isPremultiplied: Bool { extras.first == 1 }
  /// Brightness and colour differences in JPEG, which libtiff turns to red, green and blue.
  var isJPEGWithChroma: Bool {
    photometric == .chroma && compression == Int(COMPRESSION_JPEG) && planes == 1
  }

  private var colors: Int {
    switch photometric {
    case .whiteIsZero, .blackIsZero, .palette: 1
    case .colors, .chroma: 3
    case .inks: 4
    }
  }

  /// Refuses the kinds that are not decoded as Pillow decodes them.
  func refuseByName(_ file: ImageFile) throws {
    func refuse(_ kind: String) -> any Error {
      file.unsupported(kind, advice: "Save it as PNG of 8 bits, or TIFF of plain 8-bit RGB.")
    }
    let schemes: Set<Int32> = [
      COMPRESSION_NONE, COMPRESSION_CCITTRLE, COMPRESSION_CCITTFAX3, COMPRESSION_CCITTFAX4,
      COMPRESSION_LZW, COMPRESSION_JPEG, COMPRESSION_ADOBE_DEFLATE, COMPRESSION_DEFLATE,
      COMPRESSION_PACKBITS, COMPRESSION_LZMA, COMPRESSION_ZSTD,
    ]
    guard schemes.contains(Int32(compression)), TIFFIsCODECConfigured(UInt16(compression)) != 0
    else { throw refuse("a TIFF of compression scheme \(compression)") }
    guard format == 1 else {
      throw refuse(format == 3 ? "a TIFF of floats" : "a TIFF of signed or complex numbers")
    }
    guard [1, 2, 4, 8, 16].contains(bits) else { throw refuse("a TIFF of \(bits) bits") }
    if colors == 1 && bits == 16 { throw file.grey16("TIFF") }
    guard samples == colors + extras.count else {
      throw refuse("a TIFF of \(samples) samples per pixel, \(colors) of them colours")
    }
    guard photometric != .chroma || (isJPEGWithChroma && bits == 8) else {
      throw refuse("a TIFF of YCbCr colours outside JPEG")
    }
    guard colors == 1 || bits >= 8 else { throw refuse("a colour TIFF of \(bits) bits") }
    guard planes == 1 || bits == 8 else {
      throw refuse("a TIFF of \(bits) bits in separate planes")
    }
    try refuseExtraSamples(refuse)
  }

  private func refuseExtraSamples(_ refuse: (String) -> any Error) throws {
    guard let first = extras.first else { return }
    let isKnown =
      switch photometric {
      case .colors:
        planes == 1 ? extras.count <= (bits == 8 ? 3 : 1) : extras.count == 1 && first != 1
      case .blackIsZero: bits == 8 && extras.count == 1 && first != 1 && planes == 1
      case .inks: bits == 8 && planes == 1 && extras.allSatisfy { $0 == 0 }
      default: false
      }
    guard isKnown, extras.dropFirst().allSatisfy({ $0 == 0 }), (0...2).contains(first) else {
      throw refuse("a TIFF with \(extras.count) samples beyond its colours, of kind \(extras)")
    }
  }
}
