/// An image processor of transformers: what it does, and with which numbers where its file states
/// none.
///
/// Facts of transformers 4.49, checked value for value by the tests.
struct HuggingFaceKind: Sendable {
  /// How `size` becomes the target of a resize.
  enum SizeRule: Sendable {
    /// Height and width; a lone number is a square.
    case square
    /// Height and width; a lone number is an error in transformers, too.
    case exact
    /// Shortest edge, or height and width; a lone number is the shortest edge.
    case shortestEdge
    /// Shortest edge, or height and width; a lone number is a square.
    case squareOrShortestEdge
    /// Below 384 the shortest edge divided by `crop_pct`, then a centre crop; else a square.
    case convNext
    /// The shortest edge by 256/224, or height and width.
    case levit
    /// The shortest edge, or a square's side, divided by `crop_pct`.
    case poolFormer
    /// The shortest edge, both sides up to a multiple of `size_divisor`.
    case inMultiples
  }

  enum CropRule: Sendable, Equatable {
    case never
    /// After the resize, to `crop_size`.
    case after(side: Int, isDefault: Bool)
    /// Before the resize, to `size / crop_size` of the shorter side.
    case before(side: Int)
  }

  /// Mean and standard deviation of a kind.
  struct Statistics: Sendable {
    let mean: [Double]
    let std: [Double]

    static let imageNet = Statistics(mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225])
    static let half = Statistics(mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.5])
    static let clip = Statistics(
      mean: [0.48145466, 0.4578275, 0.40821073], std: [0.26862954, 0.26130258, 0.27577711])
  }

  /// The class's name without its ending.
  let name: String
  let sizeRule: SizeRule
  /// A square's side, or the shortest edge, by the rule; nil when files must state it.
  let defaultSize: Int?
  var crop = CropRule.never
  let filter: ResamplingFilter
  /// Nil: it does not normalise.
  let statistics: Statistics?
  /// Whether it has a `Fast` form, which resizes by torchvision.
  var hasFastForm = false
  /// Fields that only this kind and few others heed.
  var ownFields: Set<String> = []
}

extension HuggingFaceKind {
  static let all: [HuggingFaceKind] = [
    HuggingFaceKind(
      name: "Beit", sizeRule: .square, defaultSize: 256,
      crop: .after(side: 224, isDefault: true), filter: .bicubic, statistics: .half),
    HuggingFaceKind(
      name: "Bit", sizeRule: .shortestEdge, defaultSize: 224,
      crop: .after(side: 224, isDefault: true), filter: .bicubic, statistics: .clip),
    HuggingFaceKind(
      name: "Blip", sizeRule: .square, defaultSize: 384, filter: .bicubic, statistics: .clip,
      hasFastForm: true),
    HuggingFaceKind(
      name: "ChineseCLIP", sizeRule: .exact, defaultSize: nil,
      crop: .after(side: 224, isDefault: true), filter: .bicubic, statistics: .clip),
    HuggingFaceKind(
      name: "CLIP", sizeRule: .shortestEdge, defaultSize: 224,
      crop: .after(side: 224, isDefault: true), filter: .bicubic, statistics: .clip,
      hasFastForm: true, ownFields: ["use_square_size"]),
    HuggingFaceKind(
      name: "ConvNext", sizeRule: .convNext, defaultSize: 384, filter: .bilinear,
      statistics: .half, hasFastForm: true, ownFields: ["crop_pct"]),
    HuggingFaceKind(
      name: "DeiT", sizeRule: .square, defaultSize: 256,
      crop: .after(side: 224, isDefault: true), filter: .bicubic, statistics: .half,
      hasFastForm: true),
    HuggingFaceKind(
      name: "EfficientFormer", sizeRule: .squareOrShortestEdge, defaultSize: 224,
      crop: .after(side: 224, isDefault: true), filter: .bicubic, statistics: .imageNet),
    HuggingFaceKind(
      name: "EfficientNet", sizeRule: .square, defaultSize: 346,
      crop: .after(side: 289, isDefault: false), filter: .nearest, statistics: .half,
      ownFields: ["rescale_offset", "include_top"]),
    HuggingFaceKind(
      name: "Flava", sizeRule: .square, defaultSize: 224,
      crop: .after(side: 224, isDefault: true), filter: .bicubic, statistics: .clip),
    HuggingFaceKind(
      name: "Levit", sizeRule: .levit, defaultSize: 224,
      crop: .after(side: 224, isDefault: true), filter: .bicubic, statistics: .imageNet),
    HuggingFaceKind(
      name: "MobileNetV1", sizeRule: .shortestEdge, defaultSize: 256,
      crop: .after(side: 224, isDefault: true), filter: .bilinear, statistics: .half),
    HuggingFaceKind(
      name: "MobileNetV2", sizeRule: .shortestEdge, defaultSize: 256,
      crop: .after(side: 224, isDefault: true), filter: .bilinear, statistics: .half),
    HuggingFaceKind(
      name: "MobileViT", sizeRule: .shortestEdge, defaultSize: 224,
      crop: .after(side: 256, isDefault: true), filter: .bilinear, statistics: nil,
      ownFields: ["do_flip_channel_order"]),
    HuggingFaceKind(
      name: "Perceiver", sizeRule: .square, defaultSize: 224, crop: .before(side: 256),
      filter: .bicubic, statistics: .imageNet),
    HuggingFaceKind(
      name: "PoolFormer", sizeRule: .poolFormer, defaultSize: 224,
      crop: .after(side: 224, isDefault: true), filter: .bicubic, statistics: .imageNet,
      ownFields: ["crop_pct"]),
    HuggingFaceKind(
      name: "Pvt", sizeRule: .square, defaultSize: 224, filter: .bilinear,
      statistics: .imageNet),
    HuggingFaceKind(
      name: "Segformer", sizeRule: .square, defaultSize: 512, filter: .bilinear,
      statistics: .imageNet),
    HuggingFaceKind(
      name: "Siglip", sizeRule: .exact, defaultSize: 224, filter: .bicubic, statistics: .half,
      hasFastForm: true),
    HuggingFaceKind(
      name: "TextNet", sizeRule: .inMultiples, defaultSize: 640,
      crop: .after(side: 224, isDefault: false), filter: .bilinear, statistics: .imageNet,
      ownFields: ["size_divisor"]),
    HuggingFaceKind(
      name: "ViT", sizeRule: .square, defaultSize: 224, filter: .bilinear, statistics: .half,
      hasFastForm: true),
    HuggingFaceKind(
      name: "ViTHybrid", sizeRule: .shortestEdge, defaultSize: 224,
      crop: .after(side: 224, isDefault: true), filter: .bicubic, statistics: .clip),
  ]

  static func named(_ name: String) -> HuggingFaceKind? { all.first { $0.name == name } }

  /// The kind that transformers takes for a `model_type` when the file states none.
  static func ofModel(_ type: String) -> HuggingFaceKind? {
    let names: [String: String] = [
      "beit": "Beit", "bit": "Bit", "chinese_clip": "ChineseCLIP", "clip": "CLIP",
      "convnext": "ConvNext", "convnextv2": "ConvNext", "cvt": "ConvNext",
      "data2vec-vision": "Beit", "deit": "DeiT", "dinat": "ViT", "dinov2": "Bit",
      "efficientformer": "EfficientFormer", "efficientnet": "EfficientNet", "flava": "Flava",
      "focalnet": "Bit", "hiera": "Bit", "ijepa": "ViT", "levit": "Levit",
      "mobilenet_v1": "MobileNetV1", "mobilenet_v2": "MobileNetV2", "mobilevit": "MobileViT",
      "mobilevitv2": "MobileViT", "nat": "ViT", "perceiver": "Perceiver",
      "poolformer": "PoolFormer", "pvt": "Pvt", "pvt_v2": "Pvt", "regnet": "ConvNext",
      "resnet": "ConvNext", "segformer": "Segformer", "siglip": "Siglip", "swiftformer": "ViT",
      "swin": "ViT", "swinv2": "ViT", "van": "ConvNext", "vit": "ViT",
      "vit_hybrid": "ViTHybrid", "vit_mae": "ViT", "vit_msn": "ViT",
    ]
    return names[type].flatMap(named)
  }
}
