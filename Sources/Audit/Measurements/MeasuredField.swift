/// One member of a measurement's value, as `audit.json` holds it: what it is, what is sure about it,
/// and what it is called elsewhere.
///
/// Policies, comparisons, trends, histories and the schema know a measurement by its fields alone.
package struct MeasuredField: Sendable {
  /// What there is one of.
  package enum Scope: Sendable { case audit, model, threshold }

  /// What a member holds, and how sure its numbers are.
  package indirect enum Form: Sendable {
    /// Counted, or set: sure as it is.
    case exact(Metric.Unit)
    /// Told from a sample by a way for which no interval is known.
    case sampled(Metric.Unit)
    /// Told from a sample, with the bounds of its 95% interval in members beside it; `always` where
    /// there is no sample too small for them.
    case interval(Metric.Unit, Bounds = .named, always: Bool = false)
    /// A `MeanEstimate`.
    case estimate(Metric.Unit)
    case flag
    case text
    case list(Form)
    case group([MeasuredField])
  }

  /// What the bounds of an interval are called.
  package enum Bounds: Sendable {
    /// `NAME_low` and `NAME_high`.
    case named
    /// `low` and `high`: of a measurement's main number.
    case bare
  }

  /// What policies, trends and histories call a number.
  package enum MetricName: Sendable {
    /// `MEASUREMENT.FIELD`.
    case field
    /// `MEASUREMENT`: of a main number whose name says nothing more.
    case measurement
    /// `MEASUREMENT.NAME`.
    case named(String)
  }

  /// How the change of a number since a baseline is known image by image.
  package enum Pairing: Sendable {
    /// It is accuracy: by what was predicted for every image of both datasets.
    case accuracy
    /// By what each audited image counts in its mean; nil where it does not count.
    case auditedImages(@Sendable (AuditedImage) -> Double?)
  }

  /// Its member in `audit.json`.
  package let name: String
  package let form: Form
  /// Nil within a group, which has one.
  package let scope: Scope?
  /// What it is, in a phrase.
  package let meaning: String
  /// Nil for numbers that policies know by their path alone.
  package let metric: MetricName?
  /// What a reader of the report calls it; every metric has one.
  package let plain: PlainName?
  /// Whether the measurement's name alone means it.
  package let isMain: Bool
  /// Whether it may be null.
  package let isNullable: Bool
  /// Whether a member `NAME_reason` says why it, or its interval, is null.
  package let hasReason: Bool
  /// Its place among the numbers that trends show whatever the policy says; nil for others.
  package let trend: Int?
  /// Nil where a change is known only as that of independent samples.
  package let pairing: Pairing?

  package init(
    _ name: String, _ form: Form, per scope: Scope? = nil, _ meaning: String,
    metric: MetricName? = nil, plain: PlainName? = nil,
    isMain: Bool = false, isNullable: Bool = false, hasReason: Bool = false, trend: Int? = nil,
    pairing: Pairing? = nil
  ) {
    self.name = name
    self.form = form
    self.scope = scope
    self.meaning = meaning
    self.metric = metric
    self.plain = plain
    self.isMain = isMain
    self.isNullable = isNullable
    self.hasReason = hasReason
    self.trend = trend
    self.pairing = pairing
  }
}

/// A number in words that need no knowledge of the method.
package struct PlainName: Equatable, Sendable {
  package let name: String
  /// What a high and a low value mean.
  package let reading: String

  package init(_ name: String, _ reading: String) {
    self.name = name
    self.reading = reading
  }
}

/// One audited image of a model, for what it counts in a mean.
package struct AuditedImage: Sendable {
  package let results: AuditResults
  package let model: Int
  /// In the sample.
  package let position: Int
  /// The τ of the number; nil for numbers without.
  package let threshold: Double?

  /// The same for another τ.
  func at(_ threshold: Double?) -> AuditedImage {
    AuditedImage(results: results, model: model, position: position, threshold: threshold)
  }

  package var record: ImageSummary { results.records[model][position] }

  /// What the model says of its own q% subset of the image.
  package var subsetAnswer: SubsetEvaluations.Answer? { results.subsetAnswer(model, position) }
}
