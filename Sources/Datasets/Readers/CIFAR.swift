import Foundation

/// CIFAR-10 and CIFAR-100 in their binary version: records of one or two label bytes and 3 × 32 ×
/// 32 bytes, plane by plane.
///
/// CIFAR-100 takes the fine label.
package enum CIFAR: DatasetReader {
  package static let format = "cifar"

  private static let side = 32
  private static let pixels = side * side * 3

  package static func recognises(_ path: DatasetPath) -> Bool {
    if path.isFolder {
      return path.entries.contains { ["test_batch.bin", "test.bin"].contains($0) }
    }
    guard path.fileExtension == "bin", let count = try? path.bytes().count, count > 0 else {
      return false
    }
    return count % (pixels + 1) == 0 || count % (pixels + 2) == 0
  }

  package static func read(_ path: DatasetPath, options: DatasetOptions) throws -> Dataset {
    let files = try files(path, split: options.split ?? "test")
    let folder = path.isFolder ? path : path.folder
    let isHundred =
      folder.entries.contains("fine_label_names.txt")
      || files.contains { ["test.bin", "train.bin"].contains($0.name) }
    let labelBytes = isHundred ? 2 : 1
    let record = pixels + labelBytes
    var bytes: [UInt8] = []
    for file in files {
      let data = try file.bytes()
      guard data.count % record == 0, !data.isEmpty else {
        throw DatasetError.truncated(
          path: file.path, expected: (data.count / record + 1) * record, found: data.count)
      }
      bytes += data
    }
    let count = bytes.count / record
    let records = bytes
    return Dataset(
      path: path.path, format: format, identifiers: (0..<count).map(String.init),
      labels: (0..<count).map { Int(records[$0 * record + labelBytes - 1]) },
      classNames: names(folder, isHundred: isHundred),
      decode: { index in
        let start = index * record + labelBytes
        return .interleaving(
          planes: records[start..<start + pixels], width: side, height: side, channels: 3)
      })
  }

  private static func files(_ path: DatasetPath, split: String) throws -> [DatasetPath] {
    guard path.isFolder else { return [path] }
    let names = path.entries.filter { name in
      split == "train"
        ? name.hasPrefix("data_batch_") && name.hasSuffix(".bin") || name == "train.bin"
        : name == "\(split)_batch.bin" || name == "\(split).bin"
    }
    guard !names.isEmpty else {
      throw DatasetError.empty(path: path.path, hint: "There is no '\(split)' split.")
    }
    return names.map(path.appending)
  }

  private static func names(_ folder: DatasetPath, isHundred: Bool) -> [String]? {
    let file = folder.appending(isHundred ? "fine_label_names.txt" : "batches.meta.txt")
    guard let text = try? String(contentsOfFile: file.path, encoding: .utf8) else { return nil }
    return text.split(whereSeparator: \.isNewline).map(String.init)
  }
}
