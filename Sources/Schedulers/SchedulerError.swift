/// What keeps work from being handed to a scheduler.
package enum SchedulerError: Error, Equatable {
  /// A program of the scheduler that is not here.
  case unavailable(String)
  /// One that said no, and why on standard error.
  case refused(String, code: Int32)
}

extension SchedulerError: CustomStringConvertible {
  package var description: String {
    switch self {
    case .unavailable(let program):
      "'\(program)' is not on this machine. Run this where jobs are submitted, or with --dry-run to see the "
        + "batch files."
    case .refused(let program, let code):
      "'\(program)' ended with \(code) and submitted nothing more; what it said is above. Options of the cluster go "
        + "into --sbatch."
    }
  }
}
