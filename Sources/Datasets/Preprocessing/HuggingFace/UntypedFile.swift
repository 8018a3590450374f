extension PreprocessingFile {
  /// Fields of which a preprocessing file has at least one.
  private static let known: Set<String> = [
    "image_mean", "image_std", "rescale_factor", "size", "crop_size", "resample", "do_resize",
    "do_center_crop", "do_rescale", "do_normalize", "do_flip_channel_order", "rescale_offset",
  ]

  /// Reads a file that states no kind: what is stated is done, and nothing else.
  ///
  /// Where kinds differ and the file does not say, it is refused.
  func untypedPreprocessing() throws -> Preprocessing {
    guard fields.contains(where: { Self.known.contains($0.key) && $0.value != .null }) else {
      throw failure(
        "it has no field of a preprocessing file. Expected Hugging Face's "
          + "preprocessor_config.json (image_processor_type, size, image_mean, …) or timm's "
          + "pretrained_cfg (input_size, crop_pct, mean, …)")
    }
    try checkFields(
      heeding: [
        "do_resize", "do_center_crop", "do_rescale", "do_normalize", "do_flip_channel_order",
        "rescale_offset",
      ], as: "a file without image_processor_type")
    var result = Preprocessing()
    result.source = "\(name) (Hugging Face, no image_processor_type)"
    if try flag("do_resize") ?? states("size") {
      guard let filter = try resample() else {
        throw ambiguous("'resample' is missing")
      }
      result.filter = filter
      result.resize = try statedResize()
    }
    if try flag("do_center_crop") ?? states("crop_size") {
      guard states("crop_size") else { throw ambiguous("'crop_size' is missing") }
      let (height, width) = try cropSize(or: 1)
      result.crop = Preprocessing.Crop(height: height, width: width, rounding: .down, fill: [0])
    }
    if try flag("do_rescale") ?? true {
      if states("rescale_factor") { result.byteScale = try rescaleFactor() }
    } else {
      result.byteScale = 1
    }
    if try flag("rescale_offset") ?? false { result.offset = -1 }
    if try flag("do_flip_channel_order") ?? false { result.channelOrder = .bgr }
    if try flag("do_normalize") ?? true {
      result.mean = try numbers("image_mean")
      result.std = try numbers("image_std")
      if try flag("do_normalize") == true, result.mean == nil || result.std == nil {
        throw ambiguous("'image_mean' or 'image_std' is missing")
      }
    }
    return result
  }

  private func statedResize() throws -> Preprocessing.Resize {
    switch try size("size") {
    case .box(let height, let width): return .exact(height: height, width: width)
    case .shortestEdge(let side): return .shortestEdge(side)
    case .side(let side):
      throw ambiguous("'size' \(side) is a square in some and the shorter edge in others")
    case nil: throw ambiguous("'size' is missing")
    }
  }

  private func ambiguous(_ what: String) -> DatasetError {
    failure(
      "\(what), and the file states no image_processor_type that decides it. Add one, such as "
        + "ViTImageProcessor")
  }
}
