/// What BackSelect keeps high.
package enum ScoreKind: String, Codable, Sendable, CaseIterable {
  /// log f_c − log(1 − f_c): the same order as probability, without ties at 1.0.
  case logOdds = "log-odds"
  /// f_c in Float32 as the reference computes it, ties included.
  case probability
}
