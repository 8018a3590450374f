import Foundation

/// CIFAR-10 and CIFAR-100 in their Python version, which torchvision downloads: pickled
/// dictionaries with `data` `[n, 3 × 32 × 32]`, plane by plane, and `labels` or `fine_labels`.
///
/// A folder that holds `cifar-10-batches-py` or `cifar-100-python` is read as that one.
package enum CIFARPickle: DatasetReader {
  package static let format = "cifar-python"

  private static let side = 32
  private static let pixels = side * side * 3

  package static func recognises(_ path: DatasetPath) -> Bool {
    guard path.isFolder else { return isPickle(path) }
    let folder = inner(path)
    return ["test_batch", "data_batch_1", "test", "train"].map(folder.appending).contains {
      !$0.isFolder && isPickle($0)
    }
  }

  /// Whether a file begins as pickled dictionaries do.
  private static func isPickle(_ path: DatasetPath) -> Bool {
    guard ["", "pkl", "pickle"].contains(path.fileExtension), path.exists,
      let file = FileHandle(forReadingAtPath: path.path)
    else { return false }
    defer { try? file.close() }
    guard let start = try? file.read(upToCount: 2), start.count == 2 else { return false }
    let isBinary = start[start.startIndex] == 0x80 && (2...5).contains(start[start.startIndex + 1])
    return isBinary || ["(d", "}q"].contains(String(decoding: start, as: UTF8.self))
  }

  private static func inner(_ path: DatasetPath) -> DatasetPath {
    ["cifar-10-batches-py", "cifar-100-python"].map(path.appending).first { $0.isFolder } ?? path
  }

  package static func read(_ path: DatasetPath, options: DatasetOptions) throws -> Dataset {
    let files = try files(path, split: options.split ?? "test")
    var bytes: [UInt8] = []
    var labels: [Int] = []
    for file in files {
      let batch = try Batch(file)
      bytes += batch.bytes
      labels += batch.labels
    }
    let count = labels.count
    let planes = bytes
    return Dataset(
      path: path.path, format: format, identifiers: (0..<count).map(String.init), labels: labels,
      classNames: try names(path.isFolder ? inner(path) : path.folder),
      decode: { index in
        .interleaving(
          planes: planes[index * pixels..<(index + 1) * pixels], width: side, height: side,
          channels: 3)
      })
  }

  private struct Batch {
    let bytes: [UInt8]
    let labels: [Int]

    init(_ file: DatasetPath) throws {
      let pickle = try Pickle([UInt8](file.bytes()), path: file.path)
      guard let data = pickle.entry("data").flatMap(pickle.array),
        case .bytes(let bytes) = data.elements, data.shape.dropFirst().reduce(1, *) == pixels
      else {
        throw DatasetError.malformed(
          path: file.path, reason: "it has no 'data' of n × \(pixels) unsigned bytes")
      }
      guard
        let labels = (pickle.entry("labels") ?? pickle.entry("fine_labels"))
          .flatMap(pickle.wholeNumbers)
      else {
        throw DatasetError.malformed(
          path: file.path, reason: "it has no 'labels' or 'fine_labels' of whole numbers")
      }
      guard labels.count == data.shape[0] else {
        throw DatasetError.labelCount(
          path: file.path, labels: labels.count, images: data.shape[0])
      }
      self.bytes = bytes
      self.labels = labels
    }
  }

  private static func files(_ path: DatasetPath, split: String) throws -> [DatasetPath] {
    guard path.isFolder else { return [path] }
    let folder = inner(path)
    let names = folder.entries.filter { name in
      split == "train"
        ? name.hasPrefix("data_batch_") && !name.contains(".") || name == "train"
        : name == "\(split)_batch" || name == split
    }
    guard !names.isEmpty else {
      throw DatasetError.empty(
        path: path.path, hint: "There is no '\(split)' split. Check --split.")
    }
    return names.map(folder.appending)
  }

  private static func names(_ folder: DatasetPath) throws -> [String]? {
    guard
      let file = ["batches.meta", "meta"].map(folder.appending).first(where: {
        $0.exists && !$0.isFolder
      })
    else { return nil }
    let pickle = try Pickle([UInt8](file.bytes()), path: file.path)
    return (pickle.entry("label_names") ?? pickle.entry("fine_label_names"))
      .flatMap(pickle.texts)
  }
}
