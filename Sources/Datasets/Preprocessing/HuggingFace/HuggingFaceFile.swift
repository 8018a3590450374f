extension PreprocessingFile {
  /// Reads the file as the kind of image processor that it states.
  func preprocessing(imageProcessorType type: String) throws -> Preprocessing {
    let isFast = type.hasSuffix("Fast")
    var name = isFast ? String(type.dropLast(4)) : type
    for ending in ["ImageProcessor", "FeatureExtractor"] where name.hasSuffix(ending) {
      name = String(name.dropLast(ending.count))
    }
    let key = states("image_processor_type") ? "image_processor_type" : "feature_extractor_type"
    guard name != type, let kind = HuggingFaceKind.named(name) else {
      throw failure(
        "'\(key)' is '\(type)', which is not supported. Supported: "
          + HuggingFaceKind.all.map { $0.name + "ImageProcessor" }.joined(separator: ", ")
          + ", TimmWrapperImageProcessor. State --resize, --crop, --scale, --mean and --std instead"
      )
    }
    guard !isFast || kind.hasFastForm else {
      throw failure(
        "'\(key)' is '\(type)', whose resizing by torchvision is not supported. Write "
          + "'\(name)ImageProcessor' to read it as that one")
    }
    return try preprocessing(as: kind, isFast: isFast)
  }

  /// Reads the file by the rules and defaults of one kind.
  ///
  /// `isFast`: whether it is the form that resizes and crops by torchvision.
  func preprocessing(as kind: HuggingFaceKind, isFast: Bool) throws -> Preprocessing {
    try checkFields(of: kind)
    /// A switch with null is off in the slow form and at its default in the fast one.
    func isOn(_ key: String, _ fallback: Bool) throws -> Bool {
      !isFast && isNull(key) ? false : try flag(key) ?? fallback
    }
    var result = Preprocessing()
    result.source = "\(name) (Hugging Face \(kind.name)ImageProcessor\(isFast ? "Fast" : ""))"
    let rounding = isFast ? Preprocessing.CropRounding.halfToEven : .down
    if try isOn("do_resize", true) {
      result.filter = try filter(of: kind, isFast: isFast)
      result.resize = try resize(of: kind)
      result.crop = try cropOfResize(kind, rounding)
    }
    switch kind.crop {
    case .after(let side, let isDefault):
      guard try isOn("do_center_crop", isDefault) else { break }
      let (height, width) = try cropSize(or: side)
      result.crop = Preprocessing.Crop(height: height, width: width, rounding: rounding, fill: [0])
    case .before(let side):
      guard try isOn("do_center_crop", true) else { break }
      result.firstCrop = try cropBeforeResize(kind, or: side)
    case .never: break
    }
    try readArithmetic(into: &result, of: kind, isOn: isOn)
    var notes: [String] = []
    if isFast {
      notes.append(
        "\(kind.name)ImageProcessorFast resizes by torchvision; it is read as "
          + "\(kind.name)ImageProcessor, which resizes by PIL. Pixels may differ by a level or two."
      )
    }
    if kind.crop == .never, states("crop_size") {
      notes.append("'crop_size' has no effect in a \(kind.name)ImageProcessor.")
    }
    result.notes = notes.isEmpty ? nil : notes
    return result
  }

  private func readArithmetic(
    into result: inout Preprocessing, of kind: HuggingFaceKind,
    isOn: (String, Bool) throws -> Bool
  ) throws {
    if try isOn("do_rescale", true) {
      result.byteScale = try rescaleFactor()
      if kind.ownFields.contains("rescale_offset"), try flag("rescale_offset") ?? false {
        result.offset = -1
      }
    } else {
      result.byteScale = 1
    }
    if kind.ownFields.contains("do_flip_channel_order"), try isOn("do_flip_channel_order", true) {
      result.channelOrder = .bgr
    }
    guard let statistics = kind.statistics else { return }
    let std = try numbers("image_std") ?? statistics.std
    if try isOn("do_normalize", true) {
      result.mean = try numbers("image_mean") ?? statistics.mean
      result.std = std
    }
    if kind.ownFields.contains("include_top"), try isOn("include_top", true) {
      result.divisor = std
    }
  }

  func rescaleFactor() throws -> Double {
    guard !isNull("rescale_factor") else {
      throw failure("'rescale_factor' is null, but 'do_rescale' is not false")
    }
    let factor = try number("rescale_factor") ?? 1.0 / 255
    guard Float(factor).isFinite, Float(factor) != 0 else {
      throw failure("'rescale_factor' must be a finite number other than 0")
    }
    return factor
  }

  private func filter(of kind: HuggingFaceKind, isFast: Bool) throws -> ResamplingFilter {
    if isNull("resample"), !isFast {
      throw failure("'resample' is null, but 'do_resize' is not false")
    }
    let filter = try resample() ?? kind.filter
    guard !isFast || [.bilinear, .bicubic].contains(filter) else {
      throw failure(
        "'resample' \(filter.rawValue) is not supported in an image processor that resizes by "
          + "torchvision")
    }
    return filter
  }

  /// The filter that `resample` numbers, in PIL's order.
  func resample() throws -> ResamplingFilter? {
    let filters: [ResamplingFilter] = [.nearest, .lanczos, .bilinear, .bicubic, .box, .hamming]
    return try wholeNumber("resample", in: 0...filters.count - 1).map { filters[$0] }
  }
}

// Which fields count.
extension PreprocessingFile {
  /// Fields that change pixels in some kind.
  ///
  /// Where a kind has no use for one, a file that sets it means something else than what would be
  /// computed.
  private static let pixelFields: Set<String> = [
    "crop_pct", "size_divisor", "size_divisibility", "rescale_offset", "include_top",
    "use_square_size", "pad_size", "ensure_multiple_of", "keep_aspect_ratio", "max_size",
    "min_pixels", "max_pixels", "max_image_size", "default_to_square", "offset", "clusters",
    "patches_per_image", "rotary_size",
  ]

  /// Switches without effect on the pixels of a picture that is classified.
  private static let harmlessSwitches: Set<String> = [
    "do_convert_rgb", "do_reduce_labels", "do_convert_annotations", "do_resize_and_center_crop",
  ]

  /// - Throws: `DatasetError.preprocessing` for a field that the kind does not heed.
  private func checkFields(of kind: HuggingFaceKind) throws {
    var heeded: Set<String> = ["do_resize", "do_rescale"]
    if kind.statistics != nil { heeded.insert("do_normalize") }
    if kind.crop != .never { heeded.insert("do_center_crop") }
    try checkFields(heeding: heeded.union(kind.ownFields), as: "a \(kind.name)ImageProcessor")
  }

  /// `reader`: what the file is read as.
  func checkFields(heeding heeded: Set<String>, as reader: String) throws {
    for (key, value) in fields.sorted(by: { $0.key < $1.key }) where !heeded.contains(key) {
      let isSwitch = key.hasPrefix("do_") && !Self.harmlessSwitches.contains(key)
      guard isSwitch || Self.pixelFields.contains(key) else { continue }
      guard value != .null, value != .flag(false) else { continue }
      throw failure(
        "'\(key)' changes pixels and is not supported in \(reader). State --resize, --crop, "
          + "--scale, --mean and --std instead")
    }
    if try flag("do_resize_and_center_crop") == false {
      throw failure("'do_resize_and_center_crop' is not supported; state 'do_resize'")
    }
  }
}
