import Audit
import Datasets
import Foundation
import Inference
import SharedWork
import Tensors

/// A model under audit: the network, how its images are made, and what its masked pixels show.
package struct AuditedModel: Sendable {
  /// Short, unique among the audited models: the file's name without extension.
  package let name: String
  package let path: String
  /// SHA-256 of the model's files.
  package let digest: String
  package let network: Network
  package let preprocessor: Preprocessor
  /// How it was read, and why.
  package let readings: [Reading]

  package init(
    name: String, path: String, digest: String, network: Network, preprocessor: Preprocessor,
    readings: [Reading] = []
  ) {
    self.name = name
    self.path = path
    self.digest = digest
    self.network = network
    self.preprocessor = preprocessor
    self.readings = readings
  }

  /// The same with its output's numbers settled.
  func with(_ network: Network, _ reading: Reading) -> AuditedModel {
    AuditedModel(
      name: name, path: path, digest: digest, network: network, preprocessor: preprocessor,
      readings: readings + [reading])
  }

  /// The same with its network compiled otherwise.
  func with(_ network: Network) -> AuditedModel {
    AuditedModel(
      name: name, path: path, digest: digest, network: network, preprocessor: preprocessor,
      readings: readings)
  }

  /// The same with other preprocessing.
  func with(_ preprocessor: Preprocessor) -> AuditedModel {
    AuditedModel(
      name: name, path: path, digest: digest, network: network, preprocessor: preprocessor,
      readings: readings)
  }

  /// One image of a dataset in the model's units, `[h, w, c]`.
  package func image(_ index: Int, of dataset: Dataset) throws -> [Float] {
    try Interruption.check()
    let name = "\(dataset.path)[\(dataset.identifiers[index])]"
    return try preprocessor.apply(dataset.image(at: index), name: name)
  }

  /// The most images that the dataset's mean is told from.
  private static let mostMeanImages = 2000

  /// The dataset's mean per channel in the model's units, over images spread evenly through it.
  func mean(of dataset: Dataset) throws -> [Float] {
    let channels = network.input.channels
    let step = (dataset.count + AuditedModel.mostMeanImages - 1) / AuditedModel.mostMeanImages
    let images = stride(from: 0, to: dataset.count, by: max(1, step))
    var sums = [Double](repeating: 0, count: channels)
    var count = 0
    for index in images {
      for (element, value) in try image(index, of: dataset).enumerated() {
        sums[element % channels] += Double(value)
      }
      count += network.input.pixelCount
    }
    return sums.map { Float($0 / Double(count)) }
  }

  /// The mean of some images of a dataset in the model's units, `[h, w, c]`.
  func meanImage(of images: [Int], dataset: Dataset) throws -> [Float] {
    var sum = [Double](repeating: 0, count: network.input.elementCount)
    for index in images {
      for (element, value) in try image(index, of: dataset).enumerated() {
        sum[element] += Double(value)
      }
    }
    return sum.map { Float($0 / Double(max(images.count, 1))) }
  }

  /// The image for display, 0...255, `[h, w, c]`.
  package func display(_ image: [Float]) -> [UInt8] {
    preprocessor.displayed(image).map { UInt8(($0 * 255).rounded()) }
  }

  /// Images that one worker takes at a time; fixed, so that batches never depend on workers.
  static let chunk = 256

  /// Outputs `[n, classes]` for the given images of a dataset.
  ///
  /// `batchSize`: images per pass; nil chooses by memory. `change`: what to do to the preprocessed
  /// image at a position before the model sees it, such as masking.
  ///
  /// Throws `AuditRunError.notFinite`, `DatasetError` or `InferenceError`.
  package func outputs(
    of images: [Int], dataset: Dataset, workers: Int, batchSize: Int?,
    change: (@Sendable (Int, [Float]) -> [Float])? = nil
  ) throws -> [Float] {
    let chunks = stride(from: 0, to: images.count, by: AuditedModel.chunk).map {
      Array(images[$0..<min($0 + AuditedModel.chunk, images.count)])
    }
    let parts = try concurrentMap(
      count: chunks.count, workers: workers, makeState: { predictor(batchSize: batchSize) },
      body: { index, predictor in
        let first = index * AuditedModel.chunk
        return try outputs(of: chunks[index], dataset: dataset, predictor) { offset, picture in
          change?(first + offset, picture) ?? picture
        }
      })
    return parts.flatMap { $0 }
  }

  /// Outputs `[n, classes]` for a few images, which are read once each however often they are asked about.
  ///
  /// Throws `AuditRunError.notFinite`, `DatasetError` or `InferenceError`.
  func outputs(
    of images: [Int], dataset: Dataset, _ predictor: Predictor,
    change: ((Int, [Float]) -> [Float])? = nil
  ) throws -> [Float] {
    var read: [Int: [Float]] = [:]
    for number in images where read[number] == nil {
      read[number] = try image(number, of: dataset)
    }
    func picture(_ place: Int) -> [Float] {
      let whole = read[images[place]] ?? []
      return change?(place, whole) ?? whole
    }
    let outputs = try predictor.outputs(count: images.count) { i, target in
      _ = target.update(fromContentsOf: picture(i))
    }
    let classes = network.classCount
    for i in images.indices
    where !outputs[i * classes..<(i + 1) * classes].allSatisfy(\.isFinite) {
      throw AuditRunError.notFinite(
        model: name, image: dataset.identifiers[images[i]],
        node: predictor.firstNodeNotFinite { _ = $0.update(fromContentsOf: picture(i)) })
    }
    return outputs
  }

  /// SHA-256 over a model file and the data files beside it.
  package static func digest(ofFiles paths: [String]) throws -> String {
    let digests = try paths.map { path in
      Digest.sha256(try Data(contentsOf: URL(fileURLWithPath: path), options: .mappedIfSafe))
    }
    return digests.count == 1 ? digests[0] : Digest.sha256(Data(digests.joined().utf8))
  }

  /// Images per pass, such that workers on all cores stay below a limit together.
  ///
  /// The number of workers does not enter: batches, and with them the last bit of results, are the
  /// same for any.
  ///
  /// `memoryLimit`: bytes; nil for a quarter of the machine's memory.
  package static func automaticBatchSize(_ network: Network, memoryLimit: Int?) -> Int {
    let process = ProcessInfo.processInfo
    let limit = memoryLimit ?? Int(clamping: process.physicalMemory / 4)
    return network.automaticBatchSize(memoryLimit: limit / process.activeProcessorCount)
  }
}

extension AuditedModel {
  /// A predictor that stops on request.
  ///
  /// `batchSize`: images per pass; nil chooses by memory.
  func predictor(batchSize: Int? = nil) -> Predictor {
    let batch = batchSize ?? AuditedModel.automaticBatchSize(network, memoryLimit: nil)
    let predictor = Predictor(network, batchSize: batch)
    predictor.willRun = Interruption.check
    return predictor
  }
}
