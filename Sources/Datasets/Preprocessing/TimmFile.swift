extension PreprocessingFile {
  /// The object with timm's fields: `pretrained_cfg`, or the file itself when it is one.
  ///
  /// Nil when the file is none of timm's.
  var timmConfiguration: PreprocessingFile? {
    get throws {
      if let nested = try object("pretrained_cfg") { return nested }
      let type = try imageProcessorType
      if type == "TimmWrapperImageProcessor" || type == nil && states("input_size") { return self }
      return nil
    }
  }

  /// What `timm.data.create_transform` does for evaluation, with timm's defaults.
  func timmPreprocessing() throws -> Preprocessing {
    guard states("input_size") || states("mean") || states("crop_pct") || states("interpolation")
    else {
      throw failure(
        "it has none of timm's fields (input_size, mean, std, crop_pct, interpolation)")
    }
    for key in ["crop_border_pixels", "tf_preprocessing", "naflex"] where states(key) {
      guard try number(orFlag: key) != 0 else { continue }
      throw failure("'\(key)' changes pixels and is not supported")
    }
    var result = Preprocessing()
    result.source = "\(name) (timm)"
    result.filter = try timmFilter()
    let mean = try timmStatistics("mean") ?? HuggingFaceKind.Statistics.imageNet.mean
    result.mean = mean
    result.std = try timmStatistics("std") ?? HuggingFaceKind.Statistics.imageNet.std
    let (height, width) = try timmInputSize()
    // As timm has it, 0 is as good as none.
    let stated = try number("crop_pct") ?? 0
    let share = stated == 0 ? 0.875 : stated
    let down = try divided(height, by: share)
    let across = try divided(width, by: share)
    var crop = Preprocessing.Crop(height: height, width: width, fill: [0])
    switch try text("crop_mode") ?? "center" {
    case "center", "":
      result.resize =
        down == across ? .shortestEdge(down) : .covering(height: down, width: across)
    case "squash":
      result.resize = .exact(height: down, width: across)
    case "border":
      result.resize = .within(height: down, width: across)
      crop.fill = mean.map { ($0 * 255).rounded(.toNearestOrEven) }
    case let mode:
      throw failure("'crop_mode' '\(mode)' is not supported; use center, squash or border")
    }
    result.crop = crop
    let unused = ["test_input_size", "test_crop_pct"].filter { states($0) }
    if !unused.isEmpty {
      result.notes = [
        "input_size and crop_pct count, as in timm by default; "
          + unused.joined(separator: " and ") + " are not used."
      ]
    }
    return result
  }

  private func number(orFlag key: String) throws -> Double? {
    if case .flag(let flag) = fields[key] { return flag ? 1 : 0 }
    return try number(key)
  }

  private func timmInputSize() throws -> (height: Int, width: Int) {
    let numbers = try numbers("input_size") ?? [3, 224, 224]
    let sides = numbers.compactMap { Int(exactly: $0) }
    guard sides.count == 3, numbers.count == 3, sides.allSatisfy((1...65_536).contains) else {
      throw failure("'input_size' must be channels, height and width")
    }
    return (sides[1], sides[2])
  }

  private func timmStatistics(_ key: String) throws -> [Double]? {
    guard case .list(let values)? = fields[key], values.isEmpty else { return try numbers(key) }
    return nil
  }

  private func timmFilter() throws -> ResamplingFilter {
    let name = try text("interpolation") ?? ""
    guard !name.isEmpty else { return .bicubic }
    guard let filter = ResamplingFilter(rawValue: name) else {
      throw failure(
        "'interpolation' '\(name)' is not supported; use "
          + ResamplingFilter.allCases.map(\.rawValue).joined(separator: ", "))
    }
    return filter
  }
}
