/// Batch files with which Slurm runs a shared command: an array of shards, and what concludes them.
///
/// Slurm is asked for nothing but processes: what is done lies in files. A shard that is preempted, or
/// whose machine fails, is queued again and goes on; one whose time is nearly over keeps how far it is and
/// queues itself again.
package struct SlurmJobs: Sendable {
  private let command: SharedCommand
  /// Options of `sbatch` for shards, such as `--partition=cpu`.
  package var options: [String] = []
  /// Cores of a shard; nil for the cluster's default.
  package var cores: Int?
  /// Of a shard, as Slurm writes times; nil for the cluster's default.
  package var timeLimit: String?
  /// Shards that run at once; nil for as many as there is room for.
  package var running: Int?
  /// Whether the command takes the number of cores as `--workers`.
  package var passesCores = true

  /// How long before its time is over a shard is told, in seconds.
  private static let notice = 120
  /// How often a shard queues itself again: each time it went on a whole time limit.
  private static let mostRequeues = 500

  package init(_ command: SharedCommand) {
    self.command = command
  }

  private var folder: String { command.folder + "/slurm" }
  package var shardsPath: String { folder + "/shards.sbatch" }
  package var mergePath: String { folder + "/merge.sbatch" }

  /// Of the array.
  package var shards: String {
    let array = "1-\(command.shards)" + (running.map { "%\($0)" } ?? "")
    var directives = [
      "--job-name=overinterp", "--array=\(array)", "--requeue", "--open-mode=append",
      "--signal=B:USR1@\(SlurmJobs.notice)", "--output=\(log("shard-%a"))",
    ]
    directives += cores.map { ["--cpus-per-task=\($0)"] } ?? []
    directives += timeLimit.map { ["--time=\($0)"] } ?? []
    let workers = passesCores ? " --workers \"${SLURM_CPUS_PER_TASK:-1}\"" : ""
    return """
      #!/bin/bash
      \(lines(directives + options))
      # A shard of what lies in \(command.folder). To run some again: sbatch --array=3,7 \(SharedCommand.quoted(shardsPath))

      late=
      # Time is nearly over: it keeps how far it is, and goes on in another job.
      trap 'late=1; kill -TERM "$shard" 2>/dev/null' USR1
      # Preempted (then Slurm queues it again) or cancelled: it keeps how far it is.
      trap 'kill -TERM "$shard" 2>/dev/null' TERM

      \(SharedCommand.quoted(command.shard)) --shard "$SLURM_ARRAY_TASK_ID/\(command.shards)"\(workers) &
      shard=$!
      # A signal ends the waiting, not the shard.
      wait "$shard"
      code=$?
      while kill -0 "$shard" 2>/dev/null; do
        wait "$shard"
        code=$?
      done
      if [ -n "$late" ] && [ "$code" = 143 ] && [ "${SLURM_RESTART_COUNT:-0}" -lt \(SlurmJobs.mostRequeues) ]; then
        scontrol requeue "${SLURM_ARRAY_JOB_ID}_$SLURM_ARRAY_TASK_ID"
      fi
      exit "$code"

      """
  }

  /// Of what concludes the array; to be submitted with `--dependency=afterany` of it.
  package var merge: String {
    let directives = [
      "--job-name=overinterp-merge", "--open-mode=append", "--output=\(log("merge"))",
    ]
    return """
      #!/bin/bash
      \(lines(directives + options))
      # Makes the report of what lies in \(command.folder), or says which shards have to be run again.

      exec \(SharedCommand.quoted(command.merge))

      """
  }

  private func log(_ name: String) -> String { "\"\(folder)/\(name).log\"" }

  private func lines(_ directives: [String]) -> String {
    directives.map { "#SBATCH " + $0 }.joined(separator: "\n")
  }
}
