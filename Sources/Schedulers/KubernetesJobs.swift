import Foundation
import Yams

/// Manifests with which Kubernetes runs a shared command: an indexed Job of shards, and a Job that waits
/// for them and concludes.
///
/// An index that fails is tried again, but for bad input, which fails the same way again; one that its
/// node loses counts as none.
package struct KubernetesJobs: Sendable {
  private let command: SharedCommand
  private let name: String
  private let image: String
  /// Claim of a volume that all pods can write (ReadWriteMany), and where pods see it.
  private let claim: String
  private let mount: String
  /// What a pod of a shard is given: CPUs and memory as Kubernetes writes them; nil for none stated.
  package var cpu: String?
  package var memory: String?
  /// Shards that run at once; nil for all.
  package var running: Int?

  /// How often an index may fail.
  private static let retries = 6
  /// How long the merge waits for shards of which nothing is heard, in seconds.
  private static let patience = 3600

  package init(_ command: SharedCommand, name: String, image: String, claim: String, mount: String)
  {
    self.command = command
    self.name = name
    self.image = image
    self.claim = claim
    self.mount = mount
  }

  /// Both, as `kubectl apply -f -` takes them.
  ///
  /// - Throws: What encoding throws.
  package func manifests() throws -> String {
    let shards = Job(
      name: name,
      spec: Job.Spec(
        completionMode: "Indexed", completions: command.shards,
        parallelism: min(running ?? command.shards, command.shards),
        backoffLimitPerIndex: KubernetesJobs.retries, maxFailedIndexes: command.shards,
        podFailurePolicy: Job.FailurePolicy(rules: [
          .onExit(of: "shard", [64], "FailIndex"), .onDisruption,
        ]),
        template: pod(
          "shard", command.shard + ["--shards", "\(command.shards)"],
          resources: resources)))
    let merge = Job(
      name: name + "-merge",
      spec: Job.Spec(
        backoffLimit: KubernetesJobs.retries,
        podFailurePolicy: Job.FailurePolicy(rules: [
          // The verdict, and what another try would say again.
          .onExit(of: "merge", [1, 2, 64], "FailJob"), .onDisruption,
        ]),
        template: pod(
          "merge", command.merge + ["--follow", "--wait", "\(KubernetesJobs.patience)"],
          resources: nil)))
    let encoder = YAMLEncoder()
    encoder.options.sortKeys = false
    return try [shards, merge].map { try encoder.encode($0) }.joined(separator: "---\n")
  }

  private var resources: Job.Resources? {
    guard cpu != nil || memory != nil else { return nil }
    // A limit on memory ends a pod that is over it; one on CPUs only slows it down.
    return Job.Resources(
      requests: Job.Amounts(cpu: cpu, memory: memory),
      limits: memory.map { Job.Amounts(cpu: nil, memory: $0) })
  }

  private func pod(
    _ container: String, _ words: [String], resources: Job.Resources?
  ) -> Job.Template {
    Job.Template(
      spec: Job.Pod(
        restartPolicy: "Never", terminationGracePeriodSeconds: 30,
        containers: [
          Job.Container(
            name: container, image: image, command: words, workingDir: mount,
            resources: resources,
            volumeMounts: [Job.Mount(name: "work", mountPath: mount)])
        ],
        volumes: [
          Job.Volume(name: "work", persistentVolumeClaim: Job.Claim(claimName: claim))
        ]))
  }
}

/// A Job of Kubernetes (batch/v1), as far as it is used here.
private struct Job: Encodable {
  var apiVersion = "batch/v1"
  var kind = "Job"
  let metadata: [String: String]
  let spec: Spec

  init(name: String, spec: Spec) {
    metadata = ["name": name]
    self.spec = spec
  }

  struct Spec: Encodable {
    var completionMode: String?
    var completions: Int?
    var parallelism: Int?
    var backoffLimit: Int?
    var backoffLimitPerIndex: Int?
    var maxFailedIndexes: Int?
    let podFailurePolicy: FailurePolicy
    let template: Template
  }

  struct FailurePolicy: Encodable {
    let rules: [Rule]
  }

  struct Rule: Encodable {
    let action: String
    var onExitCodes: ExitCodes?
    var onPodConditions: [Condition]?

    static func onExit(of container: String, _ codes: [Int], _ action: String) -> Rule {
      Rule(
        action: action,
        onExitCodes: ExitCodes(containerName: container, operator: "In", values: codes))
    }

    /// A pod that its node loses, or that is preempted, failed through no fault of its own.
    static var onDisruption: Rule {
      Rule(
        action: "Ignore",
        onPodConditions: [Condition(type: "DisruptionTarget", status: "True")])
    }
  }

  struct ExitCodes: Encodable {
    let containerName: String
    let `operator`: String
    let values: [Int]
  }

  struct Condition: Encodable {
    let type: String
    let status: String
  }

  struct Template: Encodable {
    let spec: Pod
  }

  struct Pod: Encodable {
    let restartPolicy: String
    let terminationGracePeriodSeconds: Int
    let containers: [Container]
    let volumes: [Volume]
  }

  struct Container: Encodable {
    let name: String
    let image: String
    let command: [String]
    let workingDir: String
    let resources: Resources?
    let volumeMounts: [Mount]
  }

  struct Resources: Encodable {
    let requests: Amounts
    let limits: Amounts?
  }

  struct Amounts: Encodable {
    let cpu: String?
    let memory: String?
  }

  struct Mount: Encodable {
    let name: String
    let mountPath: String
  }

  struct Volume: Encodable {
    let name: String
    let persistentVolumeClaim: Claim
  }

  struct Claim: Encodable {
    let claimName: String
  }
}
