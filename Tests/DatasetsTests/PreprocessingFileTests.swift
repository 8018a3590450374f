import Datasets
import Foundation
import Testing

/// What transformers and timm make of pictures; see `fixtures/preprocessing/README.md`.
private struct Case: Decodable {
  let name: String
  let file: String
  let picture: String
  let shape: [Int]
  let stride: Int
  let count: Int
}

private enum References {
  static let folder = "\(Fixture.root)/preprocessing"

  static func read() throws -> [(Case, ArraySlice<Float>)] {
    let cases = try JSONDecoder().decode(
      [Case].self, from: Data(contentsOf: URL(fileURLWithPath: "\(folder)/cases.json")))
    let path = "\(folder)/expected.npy"
    let array = try NPYArray(Data(contentsOf: URL(fileURLWithPath: path)), path: path)
    guard case .floats(let values) = array.elements else { return [] }
    var start = 0
    return cases.map { item in
      defer { start += item.count }
      return (item, values[start..<start + item.count])
    }
  }
}

private func preprocessing(_ text: String, config: String? = nil) throws -> Preprocessing {
  try Fixture.withTemporaryFolder { folder in
    let file = "\(folder)/preprocessor_config.json"
    try text.write(toFile: file, atomically: true, encoding: .utf8)
    try config?.write(toFile: "\(folder)/config.json", atomically: true, encoding: .utf8)
    return try Preprocessing(contentsOf: file)
  }
}

private func message(_ text: String) -> String {
  do {
    return "no error: \(try preprocessing(text))"
  } catch {
    return "\(error)"
  }
}

@Suite struct PreprocessingFileTests {
  @Test func `Makes of pictures what transformers and timm make, to the bit`() throws {
    let references = try References.read()
    #expect(references.count > 100)
    for (item, expected) in references {
      let preprocessor = try Preprocessor(
        preprocessing(item.file), height: item.shape[0], width: item.shape[1],
        channels: item.shape[2])
      let raw = try Dataset.open("\(References.folder)/\(item.picture).png").image(at: 0)
      let image = try preprocessor.apply(raw, name: item.name)
      let kept = stride(from: 0, to: image.count, by: item.stride).map { image[$0] }
      let differing = zip(kept, expected).filter { $0 != $1 }
      #expect(kept.count == expected.count && differing.isEmpty, "\(item.name)")
    }
  }

  @Test func `Says which file was read as which kind`() throws {
    #expect(
      try preprocessing(#"{"feature_extractor_type": "LevitFeatureExtractor"}"#).source
        == "preprocessor_config.json (Hugging Face LevitImageProcessor)")
    #expect(
      try preprocessing(#"{"pretrained_cfg": {"input_size": [3, 8, 8]}}"#).source
        == "preprocessor_config.json (timm)")
  }

  @Test func `States every step in order`() throws {
    let text = """
      {"image_processor_type": "EfficientNetImageProcessor", "size": 8, "rescale_offset": true,
       "do_center_crop": true, "crop_size": 4, "image_mean": 0.5, "image_std": 0.25}
      """
    #expect(
      try preprocessing(text).description
        == "resize to 8 × 8 (nearest), centre crop 4 × 4, 0...255 × 0.00392157, − 1, mean 0.5, "
        + "std 0.25, ÷ 0.25")
  }

  @Test func `Reads a fast image processor as the slow one and says so`() throws {
    let fast = try preprocessing(
      #"{"image_processor_type": "CLIPImageProcessorFast", "do_normalize": null}"#)
    #expect(fast.notes?.first?.contains("torchvision") == true)
    #expect(fast.crop?.rounding == .halfToEven)
    #expect(fast.mean != nil)
    #expect(
      message(#"{"image_processor_type": "ViTImageProcessorFast", "resample": 0}"#)
        .contains("'resample'"))
    #expect(
      message(#"{"image_processor_type": "PvtImageProcessorFast"}"#)
        .contains("'PvtImageProcessor'"))
  }

  @Test func `Tells a file without a kind by the model beside it`() throws {
    let text = #"{"size": 16, "do_normalize": true}"#
    let vit = try preprocessing(text, config: #"{"model_type": "vit"}"#)
    #expect(vit.resize == .exact(height: 16, width: 16))
    #expect(vit.notes?.count == 1)
    let clip = try preprocessing(text, config: #"{"model_type": "clip"}"#)
    #expect(clip.resize == .shortestEdge(16))
    #expect(message(text).contains("image_processor_type"))
  }

  @Test func `Does what a file without a kind states, and nothing else`() throws {
    let stated = try preprocessing(
      #"{"image_mean": [0.286], "image_std": [0.353], "rescale_factor": 0.5, "do_resize": false}"#)
    #expect(stated.mean == [0.286])
    #expect(stated.byteScale == 0.5)
    #expect(stated.resize == nil && stated.crop == nil)
    #expect(message(#"{"size": {"height": 8, "width": 8}}"#).contains("'resample'"))
    #expect(message(#"{"do_normalize": true}"#).contains("'image_mean'"))
    #expect(message(#"{"do_center_crop": true}"#).contains("'crop_size'"))
  }

  @Test(arguments: [
    (#"{"image_processor_type": "DonutImageProcessor"}"#, "'image_processor_type'"),
    (#"{"image_processor_type": "ViT"}"#, "'ViT'"),
    (#"{"feature_extractor_type": "ImageGPTFeatureExtractor"}"#, "'feature_extractor_type'"),
    (#"{"image_processor_type": "ViTImageProcessor", "do_pad": true}"#, "'do_pad'"),
    (#"{"image_processor_type": "ViTImageProcessor", "do_thumbnail": true}"#, "'do_thumbnail'"),
    (#"{"image_processor_type": "ViTImageProcessor", "do_center_crop": true}"#, "'do_center_crop'"),
    (#"{"image_processor_type": "PvtImageProcessor", "size_divisor": 32}"#, "'size_divisor'"),
    (#"{"image_processor_type": "BeitImageProcessor", "crop_pct": 0.9}"#, "'crop_pct'"),
    (
      #"{"image_processor_type": "MobileViTImageProcessor", "do_normalize": true}"#,
      "'do_normalize'"
    ),
    (#"{"image_processor_type": "ViTImageProcessor", "size": {"shortest_edge": 8}}"#, "'size'"),
    (#"{"image_processor_type": "SiglipImageProcessor", "size": 8}"#, "'size'"),
    (#"{"image_processor_type": "ConvNextImageProcessor", "size": [8, 8]}"#, "'size'"),
    (
      #"{"image_processor_type": "CLIPImageProcessor", "size": {"longest_edge": 8}}"#,
      "longest_edge"
    ),
    (#"{"image_processor_type": "CLIPImageProcessor", "size": 0}"#, "'size'"),
    (#"{"image_processor_type": "CLIPImageProcessor", "size": 1e99}"#, "'size'"),
    (
      #"{"image_processor_type": "CLIPImageProcessor", "crop_size": {"shortest_edge": 8}}"#,
      "'crop_size'"
    ),
    (
      #"{"image_processor_type": "ConvNextImageProcessor", "size": 8, "crop_pct": 0}"#, "'crop_pct'"
    ),
    (#"{"image_processor_type": "ViTImageProcessor", "resample": 6}"#, "'resample'"),
    (#"{"image_processor_type": "ViTImageProcessor", "resample": "bicubic"}"#, "'resample'"),
    (#"{"image_processor_type": "ViTImageProcessor", "rescale_factor": null}"#, "'rescale_factor'"),
    (#"{"image_processor_type": "ViTImageProcessor", "rescale_factor": 0}"#, "'rescale_factor'"),
    (#"{"image_processor_type": "ViTImageProcessor", "do_resize": "yes"}"#, "'do_resize'"),
    (#"{"image_processor_type": "ViTImageProcessor", "image_mean": []}"#, "'image_mean'"),
    (#"{"image_processor_type": "ViTImageProcessor", "image_mean": ["a"]}"#, "'image_mean'"),
    (#"{"image_processor_type": 7}"#, "'image_processor_type'"),
    (#"{"pretrained_cfg": {"input_size": [3, 8, 8], "crop_mode": "rrc"}}"#, "'crop_mode'"),
    (
      #"{"pretrained_cfg": {"input_size": [3, 8, 8], "interpolation": "random"}}"#,
      "'interpolation'"
    ),
    (#"{"pretrained_cfg": {"input_size": [8, 8]}}"#, "'input_size'"),
    (#"{"pretrained_cfg": {"input_size": [3, 8, 8], "crop_pct": -1}}"#, "'crop_pct'"),
    (
      #"{"pretrained_cfg": {"input_size": [3, 8, 8], "crop_border_pixels": 2}}"#,
      "'crop_border_pixels'"
    ),
    (#"{"pretrained_cfg": {"architecture": "resnet18"}}"#, "input_size"),
    (#"{"architectures": ["ResNetForImageClassification"], "image_size": 16}"#, "pretrained_cfg"),
    (#"{}"#, "preprocessor_config.json"),
    (#"[]"#, "not a JSON object"),
    (#"{"size": 8"#, "not JSON"),
  ])
  func `Names the field that it does not take`(_ text: String, _ name: String) {
    let said = message(text)
    #expect(!said.hasPrefix("no error"), "\(text)")
    #expect(said.contains(name), "\(said)")
    #expect(said.contains("preprocessor_config.json"), "\(said)")
  }

  @Test func `Takes fields that change no pixels`() throws {
    let text = """
      {"image_processor_type": "ViTImageProcessor", "size": 8, "processor_class": "X",
       "_valid_processor_keys": ["size"], "do_convert_rgb": true, "do_reduce_labels": false,
       "data_format": "channels_first", "do_pad": false, "do_center_crop": null}
      """
    #expect(try preprocessing(text).resize == .exact(height: 8, width: 8))
  }

  @Test func `Reads values stored before these fields existed`() throws {
    let stored = """
      {"resize": {"shortestEdge": {"_0": 256}}, "filter": "bicubic", "channelOrder": "rgb",
       "crop": {"height": 224, "width": 224, "rounding": "down"}, "scale": 0.5, "mean": [0.5]}
      """
    let value = try JSONDecoder().decode(Preprocessing.self, from: Data(stored.utf8))
    #expect(value.resize == .shortestEdge(256))
    #expect(value.scale == 0.5)
  }
}
