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
  @Option(help: "Threads, each with a share of the images.") var threads = 1
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
    // Each thread takes its share of the images.
    let shares = (0..<threads).map { (count * $0 / threads)..<(count * ($0 + 1) / threads) }
    let chosen = batch > 0 ? batch : network.automaticBatchSize(memoryLimit: .max)
    let runs = try shares.map { share in
      try ShareOfImages(
        network, images: images.channelsLast, share, batch: chosen, gradient: gradient)
    }
    var times = Times()
    times.forward = time { runs[$0].forward() }
    if gradient { times.gradient = time { runs[$0].differentiate() } }
    let status = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
    times.peakBytes =
      (status.firstMatch(of: /VmHWM:\s*(\d+)/).flatMap { Int($0.1) } ?? 0) * 1024
    print(String(decoding: try JSONEncoder().encode(times), as: UTF8.self))
  }

  /// Seconds that all threads take together, of each repetition.
  private func time(_ body: @Sendable @escaping (Int) -> Void) -> [Double] {
    let all = (0...repetitions).map { _ in
      let start = ContinuousClock.now
      DispatchQueue.concurrentPerform(iterations: threads) { index in
        OneDNN.useOneThread()
        body(index)
      }
      return (ContinuousClock.now - start) / .seconds(1)
    }
    return Array(all.dropFirst())
  }
}

/// The images of one thread, with what it needs to run them.
///
/// `@unchecked Sendable` holds because each share is run by one thread at a time.
private final class ShareOfImages: @unchecked Sendable {
  private let images: [Float]
  private let sizes: [Int]
  private let network: Network
  private var sessions: [Int: Session] = [:]
  private var gradientSessions: [Int: Session] = [:]

  init(
    _ network: Network, images: [Float], _ share: Range<Int>, batch: Int, gradient: Bool
  ) throws {
    let size = network.input.elementCount
    self.network = network
    self.images = Array(images[share.lowerBound * size..<share.upperBound * size])
    // Batches of the size chosen, then one of what is left.
    var sizes = [Int](
      repeating: min(batch, max(share.count, 1)), count: share.count / max(batch, 1))
    let rest = share.count - sizes.reduce(0, +)
    if rest > 0 { sizes.append(rest) }
    self.sizes = sizes
    for size in Set(sizes) {
      sessions[size] = try Session(network, batchSize: size)
      if gradient { gradientSessions[size] = try Session(network, batchSize: size, gradient: true) }
    }
  }

  private func forEachBatch(_ sessions: [Int: Session], _ body: (Session) -> Void) {
    var first = 0
    for size in sizes {
      guard let session = sessions[size] else { continue }
      let count = size * network.input.elementCount
      _ = session.images.update(fromContentsOf: images[first..<first + count])
      first += count
      body(session)
    }
  }

  func forward() {
    forEachBatch(sessions) { _ = $0.forward() }
  }

  func differentiate() {
    forEachBatch(gradientSessions) { session in
      _ = session.forward()
      session.outputGradients.update(repeating: 1)
      _ = session.backward()
    }
  }
}
