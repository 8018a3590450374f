// What `features.json`, and the audit's numbers, hold.
extension FeatureFindings {
  package static let fields: [MeasuredField] = [
    MeasuredField("model", .text, "its name"),
    MeasuredField("features_at", .text, "the node whose input the features are"),
    MeasuredField("images", .exact(.count), "images that components were found in"),
    MeasuredField("feature_data", .text, "where these are from"),
    MeasuredField("audited_images", .exact(.count), "images that controls and targets are from"),
    MeasuredField("audited_data", .text, "where these are from"),
    MeasuredField("correct", .exact(.count), "of these, images that the model is right on"),
    MeasuredField("trial", .group(trialFields), "how regions were pasted"),
    MeasuredField("classes", .list(.group(classFields)), "classes with enough images"),
    MeasuredField(
      "skipped",
      .list(
        .group([
          MeasuredField("class", .exact(.count), "its index"),
          MeasuredField("name", .text, "its name"),
          MeasuredField("n", .exact(.count), "images labelled with it"),
        ])), "classes with too few images"),
    MeasuredField(
      "labelling",
      .group([
        MeasuredField("annotators", .list(.text), "who labelled"),
        MeasuredField("core", .exact(.count), "components called part of their class"),
        MeasuredField("spurious", .exact(.count), "components called spurious"),
        MeasuredField("tied", .exact(.count), "components without a majority"),
        MeasuredField(
          "agreement", .sampled(.plain), "Krippendorff's alpha", isNullable: true),
        MeasuredField("agreement_n", .exact(.count), "components that two people labelled"),
      ]), "what people said of components", isNullable: true),
    MeasuredField("scores", .group(scoreFields), "what labelled components cost", isNullable: true),
  ]

  private static let trialFields: [MeasuredField] = [
    MeasuredField("donors", .exact(.count), "images that regions are taken from"),
    MeasuredField("targets", .exact(.count), "images that each is pasted into, at most"),
    MeasuredField("first_donors", .exact(.count), "images for the first trial"),
    MeasuredField("first_targets", .exact(.count), "images that these are pasted into"),
    MeasuredField("least_rate", .exact(.fraction), "what must turn to be tried further"),
  ]

  private static let classFields: [MeasuredField] = [
    MeasuredField("class", .exact(.count), "its index"),
    MeasuredField("name", .text, "its name"),
    MeasuredField("n", .exact(.count), "images labelled with it"),
    MeasuredField(
      "importance",
      .list(
        .group([
          MeasuredField("feature", .exact(.count), "its index"),
          MeasuredField("value", .sampled(.plain), "what it adds to the logit on average"),
        ])), "features of highest importance"),
    MeasuredField("components", .list(.group(componentFields)), "by their share of alpha"),
  ]

  private static let componentFields: [MeasuredField] = [
    MeasuredField("index", .exact(.count), "its place by eigenvalue"),
    MeasuredField("eigenvalue", .sampled(.plain), "of the covariance"),
    MeasuredField("share", .sampled(.fraction), "of the mean of |alpha|"),
    MeasuredField("lead", .sampled(.fraction), "of the class's images, those it leads in"),
    MeasuredField("top_images", .list(.text), "images of largest alpha"),
    MeasuredField(
      "reach", .sampled(.fraction), "of images of other classes, those that its alpha alone turns"),
    MeasuredField(
      "region_area", .sampled(.fraction), "of the image that regions cover", isNullable: true),
    MeasuredField(
      "border_share", .sampled(.fraction), "of heat in the outer tenth", isNullable: true),
    MeasuredField("targets", .exact(.count), "images that regions were pasted into"),
    MeasuredField(
      "flip_rate", .estimate(.fraction), "of these, turned into the class", isNullable: true),
    MeasuredField(
      "control_median", .estimate(.fraction), "by images of median alpha", isNullable: true),
    MeasuredField(
      "control_random", .estimate(.fraction), "by any images of the class", isNullable: true),
    MeasuredField(
      "control_shuffled", .estimate(.fraction), "by shuffled regions", isNullable: true),
    MeasuredField(
      "near_flip_rate", .estimate(.fraction), "of images whose logit of the class lacks least",
      isNullable: true),
    MeasuredField(
      "near_control", .estimate(.fraction), "the highest control there", isNullable: true),
    MeasuredField(
      "probability", .sampled(.plain), "that regions turn no more than twice as many as a control"),
    MeasuredField("sufficient", .flag, "whether it is called sufficient alone"),
    MeasuredField("label", .text, "core, spurious or unknown"),
  ]

  private static let scoreFields: [MeasuredField] = [
    MeasuredField(
      "spurious",
      .list(
        .group([
          MeasuredField("class", .exact(.count), "its index"),
          MeasuredField("name", .text, "its name"),
          MeasuredField("positives", .exact(.count), "images of the class"),
          MeasuredField("negatives", .exact(.count), "spurious images"),
          MeasuredField("average_precision", .sampled(.fraction), "of the class's confidence"),
          MeasuredField("chance", .exact(.fraction), "of scores drawn at random"),
          MeasuredField(
            "area",
            .group([
              MeasuredField("area", .sampled(.fraction), "under the ROC curve"),
              MeasuredField("low", .sampled(.fraction), "of its interval", isNullable: true),
              MeasuredField("high", .sampled(.fraction), "of its interval", isNullable: true),
            ]), "under the ROC curve"),
          MeasuredField("taken", .estimate(.fraction), "spurious images taken for the class"),
        ])), "by class with spurious images"),
    MeasuredField(
      "core_accuracy", .group(noiseFields), "with noise on spurious components", isNullable: true),
    MeasuredField(
      "spurious_accuracy", .group(noiseFields), "with noise on core components", isNullable: true),
    MeasuredField("noise_reason", .text, "why accuracies are null", isNullable: true),
  ]

  private static let noiseFields: [MeasuredField] = [
    MeasuredField("accuracy", .estimate(.fraction), "over images of the classes"),
    MeasuredField("clean", .estimate(.fraction), "of the same images without noise"),
    MeasuredField("mean_over_classes", .sampled(.fraction), "of the classes' accuracies"),
    MeasuredField("classes", .exact(.count), "classes with such components"),
  ]
}
