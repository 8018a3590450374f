import Foundation

/// NumPy arrays: `images.npy` with labels beside it, or one `.npz` holding both.
///
/// Images are `[n, h, w]`, `[n, h, w, c]` or `[n, c, h, w]`, unsigned bytes or floats. Labels of
/// `NAME.npy` are `NAME.labels.npy`, `NAME_labels.npy`, `labels.npy` or `y.npy` in the same folder.
package enum NumPy: DatasetReader {
  package static let format = "numpy"

  package static func recognises(_ path: DatasetPath) -> Bool {
    ["npy", "npz"].contains(path.fileExtension)
  }

  package static func read(_ path: DatasetPath, options: DatasetOptions) throws -> Dataset {
    let (images, labels) =
      path.fileExtension == "npz"
      ? try readArchive(path, split: options.split) : try readPair(path)
    let layout = try ImageLayout(images.shape, path: path.path)
    if let labels, labels.count != layout.count {
      throw DatasetError.labelCount(
        path: path.path, labels: labels.count, images: layout.count)
    }
    guard images.strings == nil else {
      throw DatasetError.malformed(path: path.path, reason: "images cannot be strings")
    }
    var holdsFloats = false
    if case .floats = images.elements { holdsFloats = true }
    return Dataset(
      path: path.path, format: format, identifiers: (0..<layout.count).map(String.init),
      labels: labels, holdsFloats: holdsFloats,
      decode: { index in layout.image(index, of: images.elements) })
  }

  private static func readPair(_ path: DatasetPath) throws -> (NPYArray, [Int]?) {
    let images = try NPYArray(path.bytes(), path: path.path)
    let stem = (path.name as NSString).deletingPathExtension
    let names = ["\(stem).labels.npy", "\(stem)_labels.npy", "labels.npy", "y.npy"]
    guard
      let file = names.map(path.folder.appending).first(where: { $0.exists && $0.name != path.name }
      )
    else { return (images, nil) }
    return (images, try labels(NPYArray(file.bytes(), path: file.path), path: file.path))
  }

  private static func readArchive(
    _ path: DatasetPath, split: String?
  ) throws -> (NPYArray, [Int]?) {
    var arrays: [(name: String, array: NPYArray)] = []
    for member in try readZipMembers(path) where member.name.hasSuffix(".npy") {
      let name = String(member.name.dropLast(4))
      let array = try NPYArray(member.bytes, path: "\(path.path)[\(name)]")
      arrays.append((name, array))
    }
    let wanted = split ?? "test"
    let inSplit = arrays.filter { $0.name.contains(wanted) }
    let candidates = inSplit.isEmpty && split == nil ? arrays : inSplit
    guard let images = candidates.first(where: { $0.array.shape.count >= 3 }) else {
      throw DatasetError.malformed(
        path: path.path,
        reason: "no array has 3 or 4 axes among " + arrays.map(\.name).joined(separator: ", "))
    }
    let count = images.array.shape[0]
    let labelArray = candidates.first {
      $0.array.elements.count == count && $0.array.indices != nil && $0.array.shape.count <= 2
    }
    return (images.array, labelArray?.array.indices)
  }

  private static func labels(_ array: NPYArray, path: String) throws -> [Int] {
    guard let indices = array.indices else {
      throw DatasetError.malformed(path: path, reason: "labels must be whole numbers")
    }
    return indices
  }
}

/// How images lie in an array.
private struct ImageLayout {
  let count: Int
  let height: Int
  let width: Int
  let channels: Int
  let channelsFirst: Bool

  init(_ shape: [Int], path: String) throws {
    func isChannels(_ extent: Int) -> Bool { extent == 1 || extent == 3 }
    count = shape.first ?? 0
    guard shape.dropFirst().allSatisfy({ $0 > 0 }) else {
      throw DatasetError.malformed(path: path, reason: "shape \(shape) holds empty images")
    }
    if shape.count == 3 {
      (height, width, channels, channelsFirst) = (shape[1], shape[2], 1, false)
    } else if shape.count == 4, isChannels(shape[3]) {
      (height, width, channels, channelsFirst) = (shape[1], shape[2], shape[3], false)
    } else if shape.count == 4, isChannels(shape[1]) {
      (height, width, channels, channelsFirst) = (shape[2], shape[3], shape[1], true)
    } else {
      throw DatasetError.malformed(
        path: path,
        reason: "shape \(shape) is not [n, h, w], [n, h, w, c] or [n, c, h, w] with 1 or 3 channels"
      )
    }
  }

  func image(_ index: Int, of elements: NPYArray.Elements) -> RawImage {
    let size = height * width * channels
    let range = index * size..<(index + 1) * size
    func arrange<Sample>(_ samples: ArraySlice<Sample>) -> [Sample] {
      guard channelsFirst else { return Array(samples) }
      let plane = height * width
      return (0..<size).map { samples[samples.startIndex + $0 % channels * plane + $0 / channels] }
    }
    let samples: RawImage.Samples =
      switch elements {
      case .bytes(let values): .bytes(arrange(values[range]))
      case .floats(let values): .floats(arrange(values[range]))
      case .integers(let values): .floats(arrange(values[range]).map { Float($0) })
      case .strings(let values): preconditionFailure("\(values.count) strings as images")
      }
    return RawImage(width: width, height: height, channels: channels, samples: samples)
  }
}
