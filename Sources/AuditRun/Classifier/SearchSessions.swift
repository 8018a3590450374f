import Inference

/// What a search asks of one model: batches of masked images, and one masked image with its gradient and
/// edits; belongs to one thread.
///
/// The kind of session that answers is fixed from the start, whatever is asked first.
package struct SearchSessions {
  let predictor: Predictor
  let reference: ReferenceSession

  /// Prepares a network.
  ///
  /// `batchSize`: images per pass.
  ///
  /// `gradient`: whether gradients will be asked for.
  ///
  /// `willRun`: called before every pass, from any thread that runs one; what it throws ends the work.
  ///
  /// `threads`: to evaluate edits on; asked at every call, because other work may have ended.
  ///
  /// Throws `InferenceError`, such as `noGradient`.
  package init(
    _ network: Network, batchSize: Int, gradient: Bool = false,
    willRun: @escaping @Sendable () throws -> Void = {},
    threads: @escaping @Sendable () -> Int = { 1 }
  ) throws {
    predictor = Predictor(network, batchSize: batchSize)
    predictor.willRun = willRun
    reference = try ReferenceSession(network, batchSize: batchSize, gradient: gradient)
    reference.willRun = willRun
    reference.threads = threads
  }
}
