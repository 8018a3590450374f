import Foundation

/// The format of MNIST and Fashion-MNIST: `*-images-idx3-ubyte` beside `*-labels-idx1-ubyte`, gzip
/// or not.
///
/// A folder of several takes the split's prefix: `t10k` is `test`.
package enum IDX: DatasetReader {
  package static let format = "idx"

  package static func recognises(_ path: DatasetPath) -> Bool {
    !imageFiles(path).isEmpty
  }

  private static func isImages(_ name: String) -> Bool {
    name.contains("images") && (name.contains("idx3") || name.contains("idx4"))
  }

  private static func imageFiles(_ path: DatasetPath) -> [DatasetPath] {
    if path.isFolder { return path.entries.filter(isImages).map(path.appending) }
    return isImages(path.name) ? [path] : []
  }

  package static func read(_ path: DatasetPath, options: DatasetOptions) throws -> Dataset {
    let file = try chooseFile(path, split: options.split)
    let images = try IDXArray(file)
    guard images.extents.count == 3 || images.extents.count == 4 else {
      throw DatasetError.malformed(
        path: file.path, reason: "images need 3 or 4 axes, not \(images.extents.count)")
    }
    let (count, height, width) = (images.extents[0], images.extents[1], images.extents[2])
    let channels = images.extents.count == 4 ? images.extents[3] : 1
    guard height > 0, width > 0, [1, 3].contains(channels) else {
      throw DatasetError.malformed(
        path: file.path, reason: "images of \(height) × \(width) × \(channels)")
    }
    let size = height * width * channels
    let bytes = images.bytes
    return Dataset(
      path: path.path, format: format, identifiers: (0..<count).map(String.init),
      labels: try readLabels(beside: file, count: count),
      classNames: nil,
      decode: { index in
        RawImage(
          width: width, height: height, channels: channels,
          samples: .bytes(Array(bytes[index * size..<(index + 1) * size])))
      })
  }

  private static func chooseFile(_ path: DatasetPath, split: String?) throws -> DatasetPath {
    let files = imageFiles(path)
    let prefix = split.map { $0 == "test" ? "t10k" : $0 } ?? "t10k"
    if let file = files.first(where: { $0.name.hasPrefix(prefix) }) { return file }
    guard split == nil, let first = files.first else {
      throw DatasetError.empty(
        path: path.path, hint: "There is no '\(prefix)' split. Check --split.")
    }
    return first
  }

  private static func readLabels(beside file: DatasetPath, count: Int) throws -> [Int]? {
    let name = file.name.replacingOccurrences(of: "images", with: "labels")
      .replacingOccurrences(of: "idx3", with: "idx1").replacingOccurrences(of: "idx4", with: "idx1")
    let stem = name.hasSuffix(".gz") ? String(name.dropLast(3)) : name
    let candidates = [name, stem, stem + ".gz"].map(file.folder.appending)
    guard let labelsFile = candidates.first(where: \.exists) else { return nil }
    let labels = try IDXArray(labelsFile)
    guard labels.extents == [count] else {
      throw DatasetError.labelCount(
        path: labelsFile.path, labels: labels.extents.first ?? 0, images: count)
    }
    return labels.bytes.map { Int($0) }
  }
}

/// An IDX array of unsigned bytes.
private struct IDXArray {
  let extents: [Int]
  let bytes: [UInt8]

  init(_ path: DatasetPath) throws {
    let data = try readPossiblyGzipped(path)
    guard data.count >= 4, data[0] == 0, data[1] == 0, data[2] == 8, data[3] > 0 else {
      throw DatasetError.malformed(
        path: path.path, reason: "not an IDX file of unsigned bytes")
    }
    let axes = Int(data[3])
    let header = 4 + 4 * axes
    guard data.count >= header else {
      throw DatasetError.truncated(path: path.path, expected: header, found: data.count)
    }
    extents = (0..<axes).map { axis in
      (0..<4).reduce(0) { $0 << 8 | Int(data[4 + 4 * axis + $1]) }
    }
    var expected = header
    var count = 1
    for extent in extents {
      let (product, overflow) = count.multipliedReportingOverflow(by: extent)
      guard !overflow, product < 1 << 48 else {
        throw DatasetError.malformed(path: path.path, reason: "extents \(extents) are impossible")
      }
      count = product
    }
    expected += count
    guard data.count >= expected else {
      throw DatasetError.truncated(path: path.path, expected: expected, found: data.count)
    }
    bytes = Array(data[header..<expected])
  }
}
