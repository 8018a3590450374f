import Foundation

/// The format of MNIST and its kin: `*-images-idx3-ubyte` beside `*-labels-idx1-ubyte`, with `-` or
/// `.` before `idx`, gzip or not, each in a folder of its own name or not.
///
/// A folder of several takes the split's: `t10k` is `test`. Where several sets lie together, as
/// EMNIST's, the split names set and part: `letters-test`.
package enum IDX: DatasetReader {
  package static let format = "idx"

  package static func recognises(_ path: DatasetPath) -> Bool {
    !imageFiles(path).isEmpty
  }

  private static func isImages(_ name: String) -> Bool {
    name.contains("images") && (name.contains("idx3") || name.contains("idx4"))
  }

  /// Files of images; those in folders of the same name only where no file lies beside.
  private static func imageFiles(_ path: DatasetPath) -> [DatasetPath] {
    guard path.isFolder else { return isImages(path.name) ? [path] : [] }
    let named = path.entries.filter(isImages).map(path.appending)
    let files = named.filter { !$0.isFolder }
    if !files.isEmpty { return files }
    return named.flatMap { folder in
      folder.entries.filter(isImages).map(folder.appending).filter { !$0.isFolder }
    }
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
    let bytes = try images.bytes(file)
    let (labels, labelsFile) = try readLabels(beside: file, count: count)
    return Dataset(
      path: path.path, format: format, identifiers: (0..<count).map(String.init), labels: labels,
      readings: [
        Reading(.images, "'\(file.name)'", options.split == nil ? .evidence : .stated),
        Reading(.labels, labelsFile.map { "'\($0.name)'" } ?? "none beside the images", .evidence),
      ],
      decode: { index in
        RawImage(
          width: width, height: height, channels: channels,
          samples: .bytes(Array(bytes[index * size..<(index + 1) * size])))
      })
  }

  /// - Throws: `DatasetError` when no file, or several, fit the split.
  private static func chooseFile(_ path: DatasetPath, split: String?) throws -> DatasetPath {
    let files = imageFiles(path)
    let stated = (split ?? "test").lowercased().split(whereSeparator: { "-_.".contains($0) })
      .map(String.init)
    func fits(_ file: DatasetPath) -> Bool {
      let words = Set(
        file.name.lowercased().split(whereSeparator: { "-_.".contains($0) }).map(String.init))
      return stated.allSatisfy { words.contains($0) || $0 == "test" && words.contains("t10k") }
    }
    // The same file with `-idx3` and `.idx3`, packed and unpacked, is one.
    var byStem: [String: DatasetPath] = [:]
    for file in files.reversed() where fits(file) { byStem[stem(file.name)] = file }
    let fitting = byStem.sorted { $0.key < $1.key }.map(\.value)
    if fitting.count == 1 { return fitting[0] }
    guard fitting.isEmpty else {
      throw DatasetError.ambiguous(
        path: path.path, readings: fitting.map { "'\($0.name)'" },
        hint: "State the set and the part, such as --split letters-test")
    }
    guard split == nil, files.count == 1 else {
      throw DatasetError.empty(
        path: path.path,
        hint: "There is no '\(split ?? "test")' split among "
          + files.map(\.name).joined(separator: ", ") + ". Check --split.")
    }
    return files[0]
  }

  private static func stem(_ name: String) -> String {
    (name.hasSuffix(".gz") ? String(name.dropLast(3)) : name)
      .replacingOccurrences(of: ".idx", with: "-idx")
  }

  private static func readLabels(
    beside file: DatasetPath, count: Int
  ) throws -> ([Int]?, DatasetPath?) {
    let stem = stem(file.name).replacingOccurrences(of: "images", with: "labels")
      .replacingOccurrences(of: "idx3", with: "idx1").replacingOccurrences(of: "idx4", with: "idx1")
    let spellings = [stem, stem.replacingOccurrences(of: "-idx", with: ".idx")].flatMap { name in
      [name, name + ".gz"]
    }
    let candidates = [file.folder, file.folder.folder].flatMap { folder in
      spellings.flatMap { [folder.appending($0), folder.appending($0).appending($0)] }
    }
    guard let labelsFile = candidates.first(where: { $0.exists && !$0.isFolder }) else {
      return (nil, nil)
    }
    let labels = try IDXArray(labelsFile)
    guard labels.extents == [count] else {
      throw DatasetError.labelCount(
        path: labelsFile.path, labels: labels.extents.first ?? 0, images: count)
    }
    return (try labels.integers(labelsFile), labelsFile)
  }
}

/// An IDX array; numbers of several bytes are big-endian.
private struct IDXArray {
  let extents: [Int]
  private let type: UInt8
  private let payload: ArraySlice<UInt8>

  /// Bytes of one element by the format's type codes; floats are not labels nor pictures.
  private static let widths: [UInt8: Int] = [0x08: 1, 0x09: 1, 0x0B: 2, 0x0C: 4]

  init(_ path: DatasetPath) throws {
    let data = try readPossiblyGzipped(path)
    guard data.count >= 4, data[0] == 0, data[1] == 0, data[3] > 0,
      let size = IDXArray.widths[data[2]]
    else {
      throw DatasetError.malformed(path: path.path, reason: "not an IDX file of whole numbers")
    }
    type = data[2]
    let axes = Int(data[3])
    let header = 4 + 4 * axes
    guard data.count >= header else {
      throw DatasetError.truncated(path: path.path, expected: header, found: data.count)
    }
    extents = (0..<axes).map { axis in
      (0..<4).reduce(0) { $0 << 8 | Int(data[4 + 4 * axis + $1]) }
    }
    var count = size
    for extent in extents {
      let (product, overflow) = count.multipliedReportingOverflow(by: extent)
      guard !overflow, product < 1 << 48 else {
        throw DatasetError.malformed(path: path.path, reason: "extents \(extents) are impossible")
      }
      count = product
    }
    guard data.count >= header + count else {
      throw DatasetError.truncated(path: path.path, expected: header + count, found: data.count)
    }
    payload = data[header..<header + count]
  }

  /// - Throws: `DatasetError.malformed` when the elements are not unsigned bytes.
  func bytes(_ path: DatasetPath) throws -> [UInt8] {
    guard type == 0x08 else {
      throw DatasetError.malformed(path: path.path, reason: "pictures must be unsigned bytes")
    }
    return Array(payload)
  }

  func integers(_ path: DatasetPath) throws -> [Int] {
    let size = IDXArray.widths[type] ?? 1
    return stride(from: payload.startIndex, to: payload.endIndex, by: size).map { start in
      let bits = payload[start..<start + size].reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
      if type == 0x08 { return Int(bits) }
      let unused = 64 - 8 * size
      return Int(Int64(bitPattern: bits << UInt64(unused)) >> Int64(unused))
    }
  }
}
