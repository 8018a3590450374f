import Audit
import Datasets
import Foundation
import Inference
import ONNX

/// Models and data as they are read, every guess checked against evidence or refused.
///
/// The one place where that is decided: which output, what its numbers are, whose index is which class,
/// how samples are scaled. `Reading`s say what was decided and why.
package struct Intake: Sendable {
  /// Labels and class names in the models' order.
  package let dataset: Dataset
  package let models: [AuditedModel]

  /// Images whose outputs tell what the numbers are.
  private static let telling = 32

  /// `checksImages`: whether all images are decoded once; with `sharding`, each shard some.
  ///
  /// Throws `DatasetError`, `ModelError`, `InferenceError` or `AuditError`, each naming the flag that
  /// decides.
  package init(
    models paths: [String], _ statements: IntakeStatements, workers: Int, checksImages: Bool = true,
    sharding: AuditSharding? = nil
  ) throws {
    var dataset = try Intake.images(
      statements, workers: workers, checksImages: checksImages, sharding)
    guard dataset.count > 0 else { throw AuditRunError.noImages(path: dataset.path) }
    // Where images are not checked, one that is damaged is no evidence, and no obstacle to others.
    let readable = dataset.indices(ofReadable: Intake.telling, checked: checksImages)
    let labelsFile = try statements.labelsFile.map(LabelsFile.init)
    let files = try paths.map { try Model(contentsOf: $0) }
    // What the user states is not looked up.
    let isStated = labelsFile?.content.holdsNames ?? false
    let lists = try zip(paths, files).map { path, file in
      isStated ? ClassLists() : try ClassLists(model: file, path: path, data: statements.data)
    }
    var models: [AuditedModel] = []
    for (index, path) in paths.enumerated() {
      models.append(
        try Intake.model(
          files[index], path: path, statements, dataset: dataset,
          classCounts: Intake.classCounts(labelsFile, lists[index], dataset)))
    }
    if let first = models.first {
      var order = ClassOrder(outputs: first.network.classCount)
      order.stated = labelsFile
      // What any of the models says of the order counts for all.
      order.found = Intake.distinct(lists.flatMap(\.names))
      order.candidates = Intake.distinct(lists.flatMap(\.candidates))
      order.foundLabels = lists[0].labels
      order.statement = statements.classOrder
      try Intake.check(models, agreeOnOrder: lists)
      try order.apply(to: &dataset)
      if dataset.classNames == nil, first.network.head == .binary {
        dataset.classNames = ["not it", "it"]
      }
      try dataset.checkLabels(classes: first.network.classCount)
    }
    let resolved = dataset
    self.dataset = dataset
    self.models = try models.map { model in
      let rows = try model.outputs(
        of: readable, dataset: resolved, workers: workers, batchSize: nil)
      let (network, reading) = try OutputReading.settled(
        model.network, stated: statements.output, rows: rows)
      return model.with(network, reading)
    }
  }

  private static func distinct(_ lists: [ClassNames]) -> [ClassNames] {
    lists.enumerated().filter { index, list in !lists[..<index].contains(list) }.map(\.element)
  }

  /// What was decided, a line each: of the data, of all models, and of each where they differ.
  package var lines: [String] {
    let common =
      models.first?.readings.filter { reading in
        models.allSatisfy { $0.readings.contains(reading) }
      } ?? []
    return (dataset.readings + common).map(\.line)
      + models.flatMap { model in
        model.readings.filter { !common.contains($0) }.map { "\(model.name): \($0.line)" }
      }
  }

  // MARK: Data

  private static func images(
    _ statements: IntakeStatements, workers: Int, checksImages: Bool, _ sharding: AuditSharding?
  ) throws -> Dataset {
    var dataset = try Dataset.open(
      statements.data, format: statements.format, options: statements.options)
    if statements.transposes {
      dataset = dataset.transposed()
      dataset.readings.append(Reading(.images, "rows and columns exchanged", .stated))
    }
    if let first = statements.firstImages, first < dataset.count {
      dataset = dataset.selecting(Array(0..<max(0, first)))
    }
    guard checksImages, dataset.holdsFiles else { return dataset }
    return try DecodeCheck(dataset, workers: workers, sharding).checked(
      dataset, skipsBad: statements.skipsBadImages,
      appliesOrientation: statements.options.appliesOrientation)
  }

  /// How many classes data and lists speak of, most telling first.
  private static func classCounts(
    _ labelsFile: LabelsFile?, _ lists: ClassLists, _ dataset: Dataset
  ) -> [Int] {
    var counts: [Int] = []
    if case .names(let names)? = labelsFile?.content { counts.append(names.count) }
    counts += lists.names.map(\.count)
    if dataset.labelKind == .ownClasses, let own = dataset.classNames { counts.append(own.count) }
    if let labels = dataset.labels, dataset.labelKind == .modelIndices {
      counts.append(Set(labels).count)
    }
    return counts
  }

  private static func check(
    _ models: [AuditedModel], agreeOnOrder lists: [ClassLists]
  ) throws {
    guard let base = lists.firstIndex(where: { $0.ofModel != nil }),
      let first = lists[base].ofModel
    else { return }
    for (model, list) in zip(models, lists).dropFirst(base + 1) {
      guard let other = list.ofModel, other.count == first.count, !first.agrees(with: other) else {
        continue
      }
      throw AuditRunError.classOrders(
        "\(models[base].name) has the classes of \(first.source), \(model.name) those of "
          + "\(other.source), in another order. Audit them separately, or state one list for both "
          + "with --labels")
    }
  }

  // MARK: Models

  private static func model(
    _ file: Model, path: String, _ statements: IntakeStatements, dataset: Dataset,
    classCounts: [Int]
  ) throws -> AuditedModel {
    var (preprocessing, readings) = try statements.preprocessing.preprocessing(forModel: path)
    if file.metadata["Image.BitmapPixelFormat"] == "Bgr8",
      statements.preprocessing.channelOrder == nil
    {
      preprocessing.channelOrder = .bgr
      readings.append(
        Reading(
          .preprocessing, "BGR", .evidence,
          because: "the model's metadata 'Image.BitmapPixelFormat' says Bgr8"))
    }
    let options = Network.Options(
      inputShape: statements.inputShape, layout: statements.layout, output: statements.output,
      outputName: statements.outputName, imageSize: try imageSize(preprocessing, dataset))
    let (network, output) = try OutputReading.network(
      file, path: path, options: options, classCounts: classCounts)
    let (scale, input) = try InputReading.scale(
      network, preprocessing, dataset, refusesImplausible: !statements.isExamination)
    let folder = path.parentFolder
    let data = try Model.externalDataFiles(ofModelAt: path).map {
      folder.appending(pathPart: $0)
    }
    return AuditedModel(
      name: path.fileName.withoutSuffix, path: path,
      digest: try AuditedModel.digest(ofFiles: [path] + data), network: network,
      preprocessor: try Preprocessor(
        preprocessing, height: network.input.height, width: network.input.width,
        channels: network.input.channels, rawRange: dataset.range.white, defaultScale: scale),
      readings: [input] + readings + [output])
  }

  /// The size images have once preprocessed, told by the settings or by the first image.
  private static func imageSize(
    _ preprocessing: Preprocessing, _ dataset: Dataset
  ) throws -> (height: Int, width: Int)? {
    if let crop = preprocessing.crop { return (crop.height, crop.width) }
    if case .exact(let height, let width)? = preprocessing.resize { return (height, width) }
    let readable = dataset.indices(ofReadable: 1, checked: false)
    let first = try dataset.image(at: readable.first ?? 0)
    return (first.height, first.width)
  }
}

extension Dataset {
  /// The first images that can be decoded.
  ///
  /// `checked`: whether all of them can.
  fileprivate func indices(ofReadable most: Int, checked: Bool) -> [Int] {
    if checked || !holdsFiles { return Array(0..<min(most, count)) }
    return Array((0..<count).lazy.filter { (try? image(at: $0)) != nil }.prefix(most))
  }
}
