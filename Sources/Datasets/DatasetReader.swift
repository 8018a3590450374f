import Foundation
import Spelling

/// A dataset format.
///
/// One file per format in `Readers/`, one line in `DatasetRegistry`.
package protocol DatasetReader: SendableMetatype {
  /// What `--format` calls it.
  static var format: String { get }

  /// Whether the file or folder looks like this format.
  static func recognises(_ path: DatasetPath) -> Bool

  /// Lists the images; decodes as late as possible.
  ///
  /// - Throws: `DatasetError`.
  static func read(_ path: DatasetPath, options: DatasetOptions) throws -> Dataset
}

/// What a user may state about a dataset.
package struct DatasetOptions: Sendable {
  /// Which part to take where a format has several, such as `test`.
  package var split: String?
  /// Whether pictures are turned as their EXIF orientation says.
  package var appliesOrientation: Bool
  /// Whether a file of labels is stated, so that several candidates are no obstacle.
  package var labelsAreStated = false

  package init(split: String? = nil, appliesOrientation: Bool = false) {
    self.split = split
    self.appliesOrientation = appliesOrientation
  }
}

/// Every format, sorted by name.
///
/// Detection asks in this order, the more specific first where two would accept the same path.
package enum DatasetRegistry {
  package static let all: [any DatasetReader.Type] = [
    CIFAR.self,
    CIFARPickle.self,
    IDX.self,
    Manifest.self,
    NumPy.self,
    // Last: any folder of images is one.
    ImageFolder.self,
  ]

  package static var formats: [String] { all.map { $0.format }.sorted() }
}

extension Dataset {
  /// Opens a dataset.
  ///
  /// `path`: A file or folder.
  ///
  /// `format`: one of `DatasetRegistry.formats`, or nil to detect it.
  ///
  /// Throws `DatasetError`.
  package static func open(
    _ path: String, format: String? = nil, options: DatasetOptions = DatasetOptions()
  ) throws -> Dataset {
    let location = DatasetPath(path)
    guard location.exists else { throw DatasetError.missing(path: path) }
    let reader: any DatasetReader.Type
    if let format {
      guard let stated = DatasetRegistry.all.first(where: { $0.format == format }) else {
        throw DatasetError.noSuchFormat(
          name: format, suggestion: nearest(to: format, among: DatasetRegistry.formats),
          known: DatasetRegistry.formats)
      }
      reader = stated
    } else {
      guard let detected = DatasetRegistry.all.first(where: { $0.recognises(location) }) else {
        if location.isFolder {
          throw DatasetError.empty(
            path: path, hint: "Expected class folders of picture files, or a known dataset.")
        }
        throw DatasetError.unknownFormat(path: path, known: DatasetRegistry.formats)
      }
      reader = detected
    }
    var dataset = try reader.read(location, options: options)
    guard dataset.count > 0 else {
      throw DatasetError.empty(
        path: path, hint: "Expected class folders of picture files, or a known dataset.")
    }
    dataset.readings.insert(
      Reading(
        .format, "\(dataset.format), \(dataset.count) images",
        format == nil ? .evidence : .stated), at: 0)
    if let labels = dataset.labels, labels.count != dataset.count {
      throw DatasetError.labelCount(path: path, labels: labels.count, images: dataset.count)
    }
    return dataset
  }

  /// Checks that every label is a class of the model.
  package func checkLabels(classes: Int) throws {
    guard let labels else { return }
    for (index, label) in labels.enumerated() where !(0..<classes).contains(label) {
      throw DatasetError.labelRange(
        path: path, image: identifiers[index], label: String(label), classes: classes)
    }
  }
}

/// A file or folder, with the questions readers ask about it.
package struct DatasetPath: Sendable {
  package let path: String

  package init(_ path: String) {
    self.path = path
  }

  package var exists: Bool { FileManager.default.fileExists(atPath: path) }

  package var isFolder: Bool {
    var isDirectory: ObjCBool = false
    return FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory)
      && isDirectory.boolValue
  }

  package var name: String { path.fileName }
  package var fileExtension: String { path.fileSuffix.lowercased() }

  /// Names in the folder, sorted as strings; empty for a file.
  package var entries: [String] {
    ((try? FileManager.default.contentsOfDirectory(atPath: path)) ?? [])
      .filter { !$0.hasPrefix(".") }.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
  }

  /// Where it really lies, links followed.
  package var realPath: String {
    guard let real = realpath(path, nil) else { return path }
    defer { free(real) }
    return String(cString: real)
  }

  /// The folder of a part in it; itself when none is stated.
  ///
  /// - Throws: `DatasetError.empty` when there is none.
  func descending(toSplit split: String?) throws -> DatasetPath {
    guard let split else { return self }
    let part = appending(split)
    guard part.isFolder else {
      throw DatasetError.empty(
        path: path, hint: "There is no folder '\(split)' in it. Check --split.")
    }
    return part
  }

  package func appending(_ name: String) -> DatasetPath {
    DatasetPath(path.appending(pathPart: name))
  }

  package var folder: DatasetPath {
    let parent = path.parentFolder
    return DatasetPath(parent.isEmpty ? "." : parent)
  }

  /// The whole file, mapped where that is possible.
  package func bytes() throws -> Data {
    do {
      return try Data(contentsOf: URL(fileURLWithPath: path), options: .mappedIfSafe)
    } catch {
      throw DatasetError.unreadable(
        path: path, reason: exists ? "permission denied or I/O error" : "there is no such file")
    }
  }
}
