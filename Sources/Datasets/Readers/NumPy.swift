import Foundation

/// NumPy arrays: `x_test.npy` with its labels beside it, or one `.npz` holding both.
///
/// Images are `[n, h, w]`, `[n, h, w, c]` or `[n, c, h, w]`. Labels of `x_NAME` are `y_NAME`, of
/// `NAME_images` `NAME_labels`; else the one array with a label per image: indices of any type that are
/// whole, one-hot rows, or names.
package enum NumPy: DatasetReader {
  package static let format = "numpy"

  package static func recognises(_ path: DatasetPath) -> Bool {
    ["npy", "npz"].contains(path.fileExtension)
  }

  package static func read(_ path: DatasetPath, options: DatasetOptions) throws -> Dataset {
    let chosen =
      path.fileExtension == "npz"
      ? try readArchive(path, options) : try readPair(path, options)
    let images = chosen.images.array
    guard images.strings == nil else {
      throw DatasetError.malformed(path: path.path, reason: "an array of texts holds no images")
    }
    let layout = try ImageLayout(images.shape, path: path.path)
    let range = images.elements.range
    let elements = images.elements.narrowed(to: range)
    var readings = [
      Reading(.images, "'\(chosen.images.name)' \(images.shape), \(range.description)", .evidence)
    ]
    var annotation: LabelArray?
    if let labels = chosen.labels {
      let read = try LabelArray(labels.array, path: labels.path, images: layout.count)
      annotation = read
      readings.append(
        Reading(.labels, "'\(labels.name)' \(labels.array.shape), \(read.description)", .evidence))
    } else {
      readings.append(Reading(.labels, "none found", .evidence))
    }
    return Dataset(
      path: path.path, format: format, identifiers: (0..<layout.count).map(String.init),
      labels: annotation?.labels, classNames: annotation?.classNames,
      labelKind: annotation?.classNames == nil ? .modelIndices : .ownClasses,
      range: range, readings: readings,
      decode: { index in layout.image(index, of: elements) })
  }

  private struct Named {
    let name: String
    /// What messages call it.
    let path: String
    let array: NPYArray
  }

  private static func readPair(
    _ path: DatasetPath, _ options: DatasetOptions
  ) throws -> (images: Named, labels: Named?) {
    let images = try NPYArray(path.bytes(), path: path.path)
    let stem = path.name.withoutSuffix
    let generic = ["\(stem).labels", "\(stem)_labels", "labels", "y", "targets"]
    let names = counterparts(of: stem) + generic
    let candidates = try names.map { path.folder.appending($0 + ".npy") }
      .filter { $0.exists && $0.name != path.name }
      .map { Named(name: $0.name, path: $0.path, array: try NPYArray($0.bytes(), path: $0.path)) }
    return (
      Named(name: path.name, path: path.path, array: images),
      try only(candidates, images: images, path: path, options)
    )
  }

  private static func readArchive(
    _ path: DatasetPath, _ options: DatasetOptions
  ) throws -> (images: Named, labels: Named?) {
    let split = options.split
    var arrays: [Named] = []
    for member in try readZipMembers(path) where member.name.hasSuffix(".npy") {
      let name = String(member.name.dropLast(4))
      let label = "\(path.path)[\(name)]"
      arrays.append(Named(name: name, path: label, array: try NPYArray(member.bytes, path: label)))
    }
    let wanted = split ?? "test"
    let inSplit = arrays.filter { $0.name.lowercased().contains(wanted.lowercased()) }
    func holdsPictures(_ array: Named) -> Bool {
      array.array.shape.count >= 3 && array.array.strings == nil
    }
    let pool = split == nil && !inSplit.contains(where: holdsPictures) ? arrays : inSplit
    let pictures = pool.filter(holdsPictures)
    guard let images = pictures.first else {
      throw DatasetError.malformed(
        path: path.path,
        reason: "no array has 3 or 4 axes among " + arrays.map(\.name).joined(separator: ", "))
    }
    guard pictures.count == 1 else {
      throw DatasetError.ambiguous(
        path: path.path, readings: pictures.map { "images '\($0.name)'" },
        hint: "State one with --split, a part of its name")
    }
    let names = counterparts(of: images.name)
    let named = pool.filter { names.contains($0.name) }
    func fits(_ array: Named) -> Bool {
      array.name != images.name && array.array.shape.first == images.array.shape.first
        && array.array.shape.count <= 2
        && (try? LabelArray(array.array, path: array.path, images: images.array.shape[0])) != nil
    }
    // Labels that serve several arrays of images carry no name of a part.
    let shared = arrays.filter { ["label", "labels", "targets", "y"].contains($0.name) }
    let inPool = pool.filter(fits)
    let fitting = inPool.isEmpty ? shared.filter(fits) : inPool
    return (
      images, try only(named.isEmpty ? fitting : named, images: images.array, path: path, options)
    )
  }

  /// What the labels of images of a name are called.
  private static func counterparts(of name: String) -> [String] {
    let words = [
      ("x", ["y"]), ("X", ["y", "Y"]), ("images", ["labels", "targets"]),
      ("image", ["label", "target"]), ("imgs", ["labels"]), ("data", ["labels", "targets"]),
      ("Images", ["Labels"]),
    ]
    var found: [String] = []
    for (word, others) in words {
      guard let pattern = try? Regex("(^|[^A-Za-z])\(word)(?=$|[^A-Za-z])"),
        let match = name.firstMatch(of: pattern)
      else { continue }
      let before = name[match.range].dropLast(word.count)
      for other in others {
        found.append(name.replacingCharacters(in: match.range, with: before + other))
      }
    }
    return found
  }

  /// The only candidate, or one of several that say the same.
  private static func only(
    _ candidates: [Named], images: NPYArray, path: DatasetPath, _ options: DatasetOptions
  ) throws -> Named? {
    guard let first = candidates.first else { return nil }
    let count = images.shape.first ?? 0
    let own = try LabelArray(first.array, path: first.path, images: count)
    for other in candidates.dropFirst() {
      guard let labels = try? LabelArray(other.array, path: other.path, images: count),
        labels == own
      else {
        if options.labelsAreStated { return nil }
        throw DatasetError.ambiguous(
          path: path.path, readings: candidates.map { "labels '\($0.name)'" },
          hint: "State the right file with --labels")
      }
    }
    return first
  }
}

/// Labels as an array states them.
package struct LabelArray: Equatable, Sendable {
  package let labels: [Int]
  /// Distinct names, sorted; nil for indices.
  package let classNames: [String]?
  /// How the array was read.
  package let description: String

  /// `images`: how many labels there must be.
  ///
  /// Throws `DatasetError` when the elements are no labels.
  package init(_ array: NPYArray, path: String, images: Int) throws {
    func counted(_ labels: [Int]) throws -> [Int] {
      guard labels.count == images else {
        throw DatasetError.labelCount(path: path, labels: labels.count, images: images)
      }
      return labels
    }
    let isColumn = array.shape.count == 1 || array.shape.dropFirst().allSatisfy { $0 == 1 }
    if let names = array.strings, isColumn {
      let (labels, distinct) = Dataset.numbered(names)
      self.labels = try counted(labels)
      classNames = distinct
      description = "class names"
    } else if isColumn, let numbers = array.wholeNumbers {
      labels = try counted(numbers)
      classNames = nil
      description = "class indices"
    } else if let indices = array.oneHotIndices {
      labels = try counted(indices)
      classNames = nil
      description = "one-hot rows"
    } else {
      throw DatasetError.malformed(
        path: path,
        reason: "an array of shape \(array.shape) is no labels: expected \(images) whole numbers, "
          + "one-hot rows or names")
    }
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
    let samples: RawImage.Samples
    switch elements {
    case .bytes(let values): samples = .bytes(arrange(values[range]))
    case .floats(let values): samples = .floats(arrange(values[range]))
    case .integers(let values): samples = .floats(arrange(values[range]).map { Float($0) })
    case .strings: preconditionFailure("an array of names was taken for images")
    }
    return RawImage(width: width, height: height, channels: channels, samples: samples)
  }
}
