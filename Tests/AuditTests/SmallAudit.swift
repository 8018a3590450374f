import Audit
import Foundation

/// An `audit.json` small enough to judge by hand.
func smallAudit(
  accuracy: Double = 0.9, low: Double = 0.85, high: Double = 0.93, model: String = "net",
  sizes: [(Double, Double)] = [(0.5, 0.04), (0.9, 0.1)]
) throws -> AuditNumbers {
  let thresholds = sizes.map { threshold, mean in
    """
    {"threshold": \(threshold), "n": 12, "degenerate": 1, "median": \(mean / 2),
     "median_low": null, "median_high": null, "common": null,
     "size": {"n": 12, "mean": \(mean), "std": 0.1, "low": \(mean - 0.02), "high": \(mean + 0.02)}}
    """
  }
  let json = """
    {"schema_version": 1, "models": [{"name": "\(model)", "sha256": "00", "parameters": 7}],
     "settings": {"thresholds": [0.5, 0.9], "seed": 3},
     "not_run": [{"measurement": "transferability", "reason": "it takes two models"}],
     "measurements": {
       "accuracy": {"models": [{"model": "\(model)", "n": 100, "accuracy": \(accuracy),
         "low": \(low), "high": \(high), "top_five": null}]},
       "sis_size": {"models": [{"model": "\(model)", "thresholds": [\(thresholds.joined(separator: ","))]}]},
       "pixel_locations": {"border_area": 0.36, "models": [{"model": "\(model)", "frequency": [0.5, 0.25]}]},
       "transferability": null}}
    """
  return try AuditNumbers(Data(json.utf8), path: "audit.json")
}
