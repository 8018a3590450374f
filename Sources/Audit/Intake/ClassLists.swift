import Datasets
import Foundation
import ONNX

/// Lists of class names, and labels, that lie beside data or model, or in the model.
struct ClassLists {
  /// Beside the data, beside the model, in the model.
  private(set) var names: [ClassNames] = []
  /// The model's own: beside it or in it.
  private(set) var ofModel: ClassNames?
  /// Labels per image in the data's folder.
  private(set) var labels: LabelsFile?

  private static let files = ["classes.txt", "labels.txt", "class_names.txt", "config.json"]

  init(model: Model, path: String, data: String) {
    let dataPath = DatasetPath(data)
    let dataFolder = dataPath.isFolder ? dataPath : dataPath.folder
    let modelFolder = DatasetPath(path).folder
    let stem = ((path as NSString).lastPathComponent as NSString).deletingPathExtension
    var seen: Set<String> = []
    func lists(_ folder: DatasetPath, _ files: [String]) -> [LabelsFile] {
      files.map(folder.appending).filter {
        $0.exists && !$0.isFolder && seen.insert($0.realPath).inserted
      }
      .compactMap { try? LabelsFile($0.path) }
    }
    for file in lists(dataFolder, ClassLists.files) {
      switch file.content {
      case .files, .array: labels = labels ?? file
      case .names, .numbers: break
      }
      if let list = ClassLists.names(file, beside: "in the data") { names.append(list) }
    }
    let besideData = dataPath.isFolder ? lists(dataFolder.folder, ClassLists.files) : []
    names += besideData.compactMap { ClassLists.names($0, beside: "beside the data") }
    let besideModel = lists(
      modelFolder, ["\(stem).classes.txt", "\(stem).labels.txt"] + ClassLists.files
    ).compactMap { ClassLists.names($0, beside: "beside the model") }
    names += besideModel
    let inside = ClassLists.names(inMetadata: model.metadata)
    if let inside { names.append(inside) }
    ofModel = besideModel.first ?? inside
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
  private static func names(inMetadata metadata: [String: String]) -> ClassNames? {
    for key in ["id2label", "names", "class_names", "classes", "labels"] {
      guard let text = metadata[key], let names = names(inText: text), names.count > 1 else {
        continue
      }
      return ClassNames(names.map { [$0] }, source: "the model's metadata '\(key)'")
    }
    return nil
  }

  private static func names(inText text: String) -> [String]? {
    let data = Data(text.utf8)
    if let list = try? JSONDecoder().decode([String].self, from: data) { return list }
    var byIndex: [Int: String] = [:]
    if let object = try? JSONDecoder().decode([String: String].self, from: data) {
      for (key, name) in object { byIndex[Int(key) ?? -1] = name }
    } else if text.hasPrefix("{") {
      for match in text.matches(of: /(\d+)['"]?\s*:\s*(?:'([^']*)'|"([^"]*)")/) {
        byIndex[Int(match.1) ?? -1] = String(match.2 ?? match.3 ?? "")
      }
    } else if text.hasPrefix("[") {
      let items = text.matches(of: /'([^']*)'|"([^"]*)"/).map { String($0.1 ?? $0.2 ?? "") }
      return items.isEmpty ? nil : items
    } else {
      let items = text.split(whereSeparator: { $0 == "," || $0.isNewline })
        .map { $0.trimmingCharacters(in: .whitespaces) }
      return items.count > 1 ? items : nil
    }
    guard !byIndex.isEmpty, byIndex.keys.sorted() == Array(0..<byIndex.count) else { return nil }
    return (0..<byIndex.count).map { byIndex[$0] ?? "" }
  }
}
