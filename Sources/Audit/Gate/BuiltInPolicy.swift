extension Policy {
  /// What `overinterp init` writes, and what holds when no policy is given.
  ///
  /// Its limits are the tool's and not the user's, so they warn and do not fail.
  package static let builtInText = """
    # Policy of an audit by overinterp: what its numbers must be.
    #
    #   overinterp audit model.onnx --data test-images --policy policy.yaml
    #   overinterp gate report --policy policy.yaml --baseline last-night
    #
    # metric     any number of audit.json by path; 'overinterp validate --metrics' lists the usual ones
    # model      a name, or a pattern such as resnet*; all models when left out
    # threshold  the confidence τ, for metrics that have one; every τ when left out
    # min, max   a number, 5% (= 0.05), or a share of the baseline: '95% of baseline'
    # max_drop, max_rise
    #            against --baseline: a number in the metric's unit, or '10% of baseline'
    # severity   fail (exit code 1), warn (passes unless --fail-on warn) or info
    # why        a sentence for the reader of the report
    #
    # A limit inside the 95% interval of a number is inconclusive (exit code 2): audit more images.
    # A check that could not run is reported as not run, never as passed.

    checks:
      - metric: mask_sanity.blank_confidence
        max: 0.5
        severity: warn
        why: A model that is sure of a blank image decides before it has seen anything, and subsets of that class need no pixels.

      - metric: subsets.recovered
        max: 0.5
        severity: warn
        why: When a few pixels that mean nothing to a person recover the accuracy of the whole image, where random pixels do not, the model overinterprets.

      - metric: sis_size.median
        threshold: 0.9
        min: 0.05
        severity: warn
        why: Decisions that rest on less than a twentieth of the image seldom rest on the object in it.

      - metric: correct_vs_misclassified.increase
        threshold: 0.9
        max: 25
        severity: warn
        why: Errors that rest on far fewer pixels than right decisions come from patterns and not from the object.

      - metric: pixel_locations.border_ratio
        max: 1.5
        severity: warn
        why: Objects are seldom at the edge; pixels that gather there are an artefact of the data or of padding.

    # Limits of your own, to adapt:
    #
    # - metric: accuracy
    #   min: 0.92
    # - metric: accuracy
    #   max_drop: 0.01
    #   why: Against --baseline, image by image.
    # - metric: sis_size.mean
    #   model: "*"
    #   threshold: 0.9
    #   min: 90% of baseline

    """

  /// The built-in policy.
  package static let builtIn: Policy = {
    do {
      return try Policy(yaml: builtInText, name: "built-in policy")
    } catch {
      preconditionFailure("the built-in policy: \(error)")
    }
  }()
}
