import Audit
import Datasets
import Foundation
import ONNX

/// Lists of class names, and labels, that lie beside data or model, or in the model.
struct ClassLists {
  /// Beside the data, beside the model, in the model.
  private(set) var names: [ClassNames] = []
  /// Lists beside the model or in its metadata under no known name, which may be anything's.
  private(set) var candidates: [ClassNames] = []
  /// The model's own: beside it or in it.
  private(set) var ofModel: ClassNames?
  /// Labels per image in the data's folder.
  private(set) var labels: LabelsFile?

  private static let files = [
    "classes.txt", "labels.txt", "class_names.txt", "classes.json", "class_names.json",
    "class_indices.json", "class_to_idx.json", "labels.json", "id2label.json", "config.json",
  ]

  /// None.
  init() {}

  /// - Throws: `DatasetError` when a file that is there under such a name cannot be read as a list.
  init(model: Model, path: String, data: String) throws {
    let dataPath = DatasetPath(data)
    let dataFolder = dataPath.isFolder ? dataPath : dataPath.folder
    let modelFolder = DatasetPath(path).folder
    let stem = path.fileName.withoutSuffix
    var seen: Set<String> = []
    func lists(_ folder: DatasetPath, _ files: [String]) throws -> [LabelsFile] {
      try files.map(folder.appending)
        .filter { $0.exists && !$0.isFolder && seen.insert($0.realPath).inserted }
        .compactMap { file in
          // JSON of these names may be anything's; text is a list, or damaged.
          file.fileExtension == "json"
            ? try? LabelsFile(file.path) : try LabelsFile(file.path)
        }
    }
    for file in try lists(dataFolder, ClassLists.files) {
      switch file.content {
      case .files, .array: labels = labels ?? file
      case .names, .numbers: break
      }
      if let list = ClassLists.names(file, beside: "in the data") { names.append(list) }
    }
    let besideData = dataPath.isFolder ? try lists(dataFolder.folder, ClassLists.files) : []
    names += besideData.compactMap { ClassLists.names($0, beside: "beside the data") }
    let besideModel = try lists(
      modelFolder, ["\(stem).classes.txt", "\(stem).labels.txt"] + ClassLists.files
    ).compactMap { ClassLists.names($0, beside: "beside the model") }
    names += besideModel
    let inside = try ClassLists.names(inMetadata: model.metadata, path: path)
    if let inside { names.append(inside) }
    ofModel = besideModel.first ?? inside
    candidates = ClassLists.others(in: modelFolder, except: seen)
    candidates += model.metadata.sorted { $0.key < $1.key }.compactMap { key, text in
      guard let names = ClassLists.names(inText: text), names.count > 1 else { return nil }
      return ClassNames(names.map { [$0] }, source: "the model's metadata '\(key)'")
    }
  }

  /// Larger files are no lists of classes.
  private static let mostBytes = 1 << 20

  /// Lists under any name in a folder.
  private static func others(in folder: DatasetPath, except seen: Set<String>) -> [ClassNames] {
    folder.entries.map(folder.appending)
      .filter { ["txt", "names", "json", "csv"].contains($0.fileExtension) }
      .filter { !$0.isFolder && !seen.contains($0.realPath) }
      .filter { file in (try? file.bytes()).map { $0.count <= mostBytes } ?? false }
      .compactMap { file in
        (try? LabelsFile(file.path)).flatMap { names($0, beside: "beside the model") }
      }
  }

  /// A list of names; numerals of a file that was only found count as names too.
  private static func names(_ file: LabelsFile, beside: String) -> ClassNames? {
    let source = "'\(file.name)' \(beside)"
    return switch file.content {
    case .names(let aliases): ClassNames(aliases, source: source)
    case .numbers(let numbers) where Set(numbers).count == numbers.count:
      ClassNames(numbers.map { [String($0)] }, source: source)
    default: nil
    }
  }

  /// What exporters write into a model: JSON, Python's notation of a dictionary, or names between
  /// commas.
  ///
  /// - Throws: `DatasetError.malformed` when a key that holds names cannot be read.
  private static func names(
    inMetadata metadata: [String: String], path: String
  ) throws -> ClassNames? {
    for key in ["id2label", "names", "class_names", "classes", "labels"] {
      guard let text = metadata[key] else { continue }
      if let names = names(inText: text) {
        // A single name is a binary head's: of what it is sure or not.
        guard names.count > 1 else { continue }
        return ClassNames(names.map { [$0] }, source: "the model's metadata '\(key)'")
      }
      guard !["id2label", "names", "class_names"].contains(key) else {
        throw DatasetError.malformed(
          path: path,
          reason:
            "its metadata '\(key)' is no list of names by index from 0 (\(text.prefix(60))…). "
            + "State the model's class names, in its order, with --labels")
      }
    }
    return nil
  }

  private static func names(inText text: String) -> [String]? {
    let data = Data(text.utf8)
    if let list = try? JSONDecoder().decode([String].self, from: data) { return list }
    if let object = try? JSONDecoder().decode([String: String].self, from: data) {
      let byIndex = Dictionary(
        object.compactMap { key, name in Int(key).map { ($0, name) } }, uniquingKeysWith: { $1 })
      guard byIndex.count == object.count, byIndex.keys.sorted() == Array(0..<object.count) else {
        return nil
      }
      return (0..<byIndex.count).map { byIndex[$0] ?? "" }
    }
    if text.hasPrefix("{") || text.hasPrefix("[") { return ClassNames.names(inPython: text) }
    let items = text.split(whereSeparator: { $0 == "," || $0 == ";" || $0.isNewline })
      .map { $0.trimmingCharacters(in: .whitespaces) }
    return items.count > 1 ? items : nil
  }
}
