import ArgumentParser
import Foundation
import Inference

/// How long a batch takes.
struct TimeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "time",
    abstract: "Print the seconds that a batch's forward passes and gradients take, as JSON.")

  @Argument(help: "ONNX file.") var model: String
  @Option(help: "Batch in the model's own axis order, float32 NPY.") var input: String
  @Option(help: "Passes of each kind to time, after one that is not.") var repetitions = 5
  @Option(help: "Images a pass, 0 for what the program chooses.") var batch = 0
  @Flag(help: "Time gradients too.") var gradient = false

  private struct Times: Encodable {
    var forward: [Double] = []
    var gradient: [Double] = []
    /// Peak resident bytes of the process.
    var peakBytes = 0
  }

  func run() throws {
    let images = try InputBatch(input)
    let network = try images.network(model)
    let count = images.shape[0]
    let values = images.channelsLast
    let size = network.input.elementCount
    var times = Times()
    let automatic = network.automaticBatchSize(memoryLimit: .max)
    let chosen = min(batch > 0 ? batch : automatic, count)
    let predictor = Predictor(network, batchSize: chosen)
    for _ in 0...repetitions {
      let start = ContinuousClock.now
      _ = try predictor.outputs(count: count) { i, image in
        _ = image.update(fromContentsOf: values[i * size..<(i + 1) * size])
      }
      times.forward.append((ContinuousClock.now - start) / .seconds(1))
    }
    times.forward.removeFirst()
    if gradient {
      let session = try Session(network, batchSize: chosen, gradient: true)
      for _ in 0...repetitions {
        let start = ContinuousClock.now
        for first in stride(from: 0, to: count, by: session.batchSize) {
          _ = session.images.update(
            fromContentsOf: values[first * size..<(first + session.batchSize) * size])
          _ = session.forward()
          session.outputGradients.update(repeating: 1)
          _ = session.backward()
        }
        times.gradient.append((ContinuousClock.now - start) / .seconds(1))
      }
      times.gradient.removeFirst()
    }
    let status = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
    times.peakBytes =
      (status.firstMatch(of: /VmHWM:\s*(\d+)/).flatMap { Int($0.1) } ?? 0) * 1024
    print(String(decoding: try JSONEncoder().encode(times), as: UTF8.self))
  }
}
