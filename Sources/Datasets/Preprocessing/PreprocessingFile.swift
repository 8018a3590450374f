import Foundation

extension Preprocessing {
  /// Reads a preprocessing file: Hugging Face's `preprocessor_config.json` or a file with timm's
  /// `pretrained_cfg`, told by their fields.
  ///
  /// - Throws: `DatasetError.preprocessing`, which names the file and the field.
  package init(contentsOf path: String) throws {
    let file = try PreprocessingFile(path: path)
    if let configuration = try file.timmConfiguration {
      self = try configuration.timmPreprocessing()
    } else if let type = try file.imageProcessorType {
      self = try file.preprocessing(imageProcessorType: type)
    } else if let type = file.modelTypeBeside, let kind = HuggingFaceKind.ofModel(type) {
      self = try file.preprocessing(as: kind, isFast: false)
      notes = ["The image processor was told by model_type '\(type)' in config.json beside it."]
    } else {
      self = try file.untypedPreprocessing()
    }
  }
}

/// The fields of a JSON object, with messages that name the file and the field.
struct PreprocessingFile {
  let path: String
  let fields: [String: JSONValue]

  init(path: String) throws {
    guard let data = FileManager.default.contents(atPath: path) else {
      throw DatasetError.preprocessing(
        source: "Preprocessing file '\(path)'", reason: "there is no such file")
    }
    let value: JSONValue
    do {
      value = try JSONDecoder().decode(JSONValue.self, from: data)
    } catch {
      throw DatasetError.preprocessing(
        source: "Preprocessing file '\(path)'", reason: "it is not JSON")
    }
    guard case .object(let fields) = value else {
      throw DatasetError.preprocessing(
        source: "Preprocessing file '\(path)'", reason: "it is not a JSON object")
    }
    self.init(path: path, fields: fields)
  }

  init(path: String, fields: [String: JSONValue]) {
    self.path = path
    self.fields = fields
  }

  var name: String { path.fileName }

  func failure(_ reason: String) -> DatasetError {
    .preprocessing(source: "Preprocessing file '\(path)'", reason: reason)
  }

  /// The object under a key; nil when there is none.
  func object(_ key: String) throws -> PreprocessingFile? {
    switch fields[key] {
    case nil, .null: return nil
    case .object(let fields): return PreprocessingFile(path: path, fields: fields)
    default: throw failure("'\(key)' is not an object")
    }
  }

  /// The kind of image processor that the file states, under today's or the older name.
  var imageProcessorType: String? {
    get throws { try text("image_processor_type") ?? text("feature_extractor_type") }
  }

  /// `model_type` of the `config.json` in the same folder, which transformers consults for files
  /// that state no kind.
  var modelTypeBeside: String? {
    let beside = DatasetPath(path).folder.appending("config.json")
    guard name != "config.json", let config = try? PreprocessingFile(path: beside.path) else {
      return nil
    }
    return try? config.text("model_type")
  }
}

// Values by key. A key with null counts as absent, except where `isNull` is asked.
extension PreprocessingFile {
  func isNull(_ key: String) -> Bool { fields[key] == .null }

  /// Whether the file states a value.
  func states(_ key: String) -> Bool { fields[key] != nil && !isNull(key) }

  func text(_ key: String) throws -> String? {
    switch fields[key] {
    case nil, .null: return nil
    case .text(let text): return text
    default: throw failure("'\(key)' is not a text")
    }
  }

  func flag(_ key: String) throws -> Bool? {
    switch fields[key] {
    case nil, .null: return nil
    case .flag(let flag): return flag
    default: throw failure("'\(key)' is neither true nor false")
    }
  }

  func number(_ key: String) throws -> Double? {
    switch fields[key] {
    case nil, .null: return nil
    case .number(let number): return number
    default: throw failure("'\(key)' is not a number")
    }
  }

  func wholeNumber(_ key: String, in range: ClosedRange<Int>) throws -> Int? {
    guard let number = try number(key) else { return nil }
    guard let whole = Int(exactly: number), range.contains(whole) else {
      throw failure("'\(key)' must be a whole number in \(range.lowerBound)...\(range.upperBound)")
    }
    return whole
  }

  /// A list of numbers, or one number.
  func numbers(_ key: String) throws -> [Double]? {
    switch fields[key] {
    case nil, .null:
      return nil
    case .number(let number):
      return [number]
    case .list(let values) where !values.isEmpty:
      return try values.map { value in
        guard case .number(let number) = value else {
          throw failure("'\(key)' holds something that is not a number")
        }
        return number
      }
    default:
      throw failure("'\(key)' is neither a number nor a list of numbers")
    }
  }
}

/// Any JSON value.
enum JSONValue: Decodable, Equatable {
  case null
  case flag(Bool)
  case number(Double)
  case text(String)
  case list([JSONValue])
  case object([String: JSONValue])

  init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if container.decodeNil() {
      self = .null
    } else if let flag = try? container.decode(Bool.self) {
      self = .flag(flag)
    } else if let number = try? container.decode(Double.self) {
      self = .number(number)
    } else if let text = try? container.decode(String.self) {
      self = .text(text)
    } else if let list = try? container.decode([JSONValue].self) {
      self = .list(list)
    } else {
      self = .object(try container.decode([String: JSONValue].self))
    }
  }
}
