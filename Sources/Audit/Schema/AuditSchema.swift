import Foundation
import SharedWork

/// The schema of `audit.json`: what `docs/audit.schema.json` holds and `validate --schema` prints.
///
/// Of measurements it says what their fields say.
package struct AuditSchema: Encodable {
  package init() {}

  /// As it is printed.
  ///
  /// - Throws: When it cannot be encoded.
  package var json: Data {
    get throws { try CanonicalJSON.encode(self, pretty: true) }
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: JSONKey.self)
    try container.encode("https://json-schema.org/draft/2020-12/schema", forKey: "$schema")
    try container.encode("audit.json of overinterp", forKey: "title")
    try container.encode(AuditSchema.definitions, forKey: "$defs")
    try JSONSchema.described(AuditSchema.description, .object(AuditSchema.members))
      .encode(to: encoder)
  }

  private static let description =
    "Every number of an audit. Sizes and shares are fractions of the image or of images, in 0...1. A "
    + "measurement that did not run is null and stands in not_run."

  private static let definitions: [String: JSONSchema] = [
    "estimate": .described(
      "A mean with its interval, of the level of the settings; std, low and high are null for too few observations, and where no "
        + "method is known. docs/STATISTICS.md names the methods.",
      .object([
        "n": .integer, "mean": .number, "std": .nullable(.number), "low": .nullable(.number),
        "high": .nullable(.number),
      ])),
    "reading": .described(
      "One decision about how a model or the data is read, and why.",
      .object([
        "answer": .string, "ground": .choice(["stated", "evidence", "convention"]),
        "question": .string, "reason": .string,
      ])),
  ]

  private static let readings = JSONSchema.array(.reference("reading"))

  private static var members: [String: JSONSchema] {
    [
      "schema_version": .constant(AuditJSON.schemaVersion), "data": data, "models": .array(model),
      "settings": settings, "sample": sample, "verdict": .array(.string),
      "measurements": .object(
        Dictionary(
          MeasurementRegistry.all.map { ($0.key, $0.schema) },
          uniquingKeysWith: { first, _ in first })),
      "not_run": .array(.object(["measurement": .string, "reason": .string])),
    ]
  }

  private static let data = JSONSchema.object([
    "name": .string, "format": .string, "images": .integer, "sha256": .string, "classes": .integer,
    "classes_present": .nullable(.integer), "height": .integer, "width": .integer,
    "readings": readings,
  ])

  private static let model = JSONSchema.object([
    "name": .string, "sha256": .string, "parameters": .integer, "opset": .integer,
    "output": .string, "multiply_adds": .integer, "readings": readings,
  ])

  private static let settings = JSONSchema.object([
    "method": .string, "score": .string,
    "search": .nullable(
      .object([
        "first_share": .number, "memory": .number, "coarse_share": .number, "fine_below": .number,
        "fine_share": .number, "shortlist": .integer, "groups": .integer, "returning": .integer,
        "rest_below": .number, "rest_share": .number,
        "coarse_exchanges": .array(.number), "measured_weight": .number,
        "fine_per_gradient": .integer,
        "keeps_smallest": .boolean,
      ])),
    "block": .nullable(.integer), "mask": .string, "unit": .string, "minimal": .boolean,
    "thresholds": .array(.number), "subset_fraction": .number, "limit": .nullable(.integer),
    "seed": .integer, "random_draws": .integer, "interval_level": .number,
  ])

  private static let sample = JSONSchema.object([
    "images": .array(.integer), "design": .string,
    "strata": .array(
      .object(["name": .string, "population": .integer, "sampled": .integer])),
  ])
}
