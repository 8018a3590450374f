import Foundation

/// A folder's images and folders, without what archives and systems leave in it.
///
/// Links are followed, but never back to where they come from; within a folder an image counts once, by
/// its real path.
struct ImageTree: Sendable {
  let path: DatasetPath
  /// Directly in the folder, sorted by name.
  let images: [DatasetPath]
  /// Sorted by name; those that hold no image at all included.
  let folders: [ImageTree]
  /// Files that are passed over, with why.
  let passedOver: [PassedOver]

  struct PassedOver: Sendable {
    let reason: String
    let path: DatasetPath
  }

  /// Folders that archives and systems make.
  private static let systemFolders: Set<String> = [
    "__MACOSX", "@eaDir", "$RECYCLE.BIN", "System Volume Information", "lost+found", "__pycache__",
  ]

  /// Deeper than any dataset.
  private static let mostLevels = 12

  /// - Throws: `DatasetError.unreadable` when a folder may not be read.
  init(_ path: DatasetPath) throws {
    try self.init(path, above: ImageTree.realAncestors(of: path), level: 0)
  }

  private init(_ path: DatasetPath, above: Set<String>, level: Int) throws {
    guard access(path.path, R_OK | X_OK) == 0 else {
      throw DatasetError.unreadable(
        path: path.path, reason: "permission denied; its pictures would be missing")
    }
    self.path = path
    var images: [DatasetPath] = []
    var folders: [ImageTree] = []
    var passedOver: [PassedOver] = []
    var seen: Set<String> = []
    for entry in path.entries.map(path.appending) {
      let real = entry.realPath
      if entry.isFolder {
        guard !ImageTree.systemFolders.contains(entry.name), !above.contains(real),
          level < ImageTree.mostLevels
        else { continue }
        folders.append(try ImageTree(entry, above: above.union([real]), level: level + 1))
      } else if imageExtensions.contains(entry.fileExtension) {
        if seen.insert(real).inserted { images.append(entry) }
      } else if undecodableImageExtensions.contains(entry.fileExtension) {
        passedOver.append(
          PassedOver(reason: "pictures of kind '.\(entry.fileExtension)'", path: entry))
      } else if !ImageTree.isSystemFile(entry.name) {
        passedOver.append(PassedOver(reason: "files that are no pictures", path: entry))
      }
    }
    self.images = images
    self.folders = folders
    self.passedOver = passedOver
  }

  private static func isSystemFile(_ name: String) -> Bool {
    ["thumbs.db", "desktop.ini"].contains(name.lowercased())
  }

  /// The folder itself and everything above it: a link there would lead back.
  private static func realAncestors(of path: DatasetPath) -> Set<String> {
    var ancestors: Set<String> = []
    var folder = path.realPath
    while folder != "/", !folder.isEmpty, ancestors.insert(folder).inserted {
      folder = folder.parentFolder
    }
    ancestors.insert("/")
    return ancestors
  }

  /// Whether a folder has images; one that may not be read is taken to, so that reading it says why.
  static func holdsImages(_ path: DatasetPath) -> Bool {
    (try? ImageTree(path).holdsImages) ?? true
  }

  /// Whether there is an image in the folder or below it.
  var holdsImages: Bool { !images.isEmpty || folders.contains(where: \.holdsImages) }

  /// All images in the folder and below it, each once.
  var allImages: [DatasetPath] {
    var seen: Set<String> = []
    return gathered.filter { seen.insert($0.realPath).inserted }
      .sorted { $0.path.utf8.lexicographicallyPrecedes($1.path.utf8) }
  }

  private var gathered: [DatasetPath] { images + folders.flatMap(\.gathered) }

  /// Everything passed over in the folder and below it.
  var allPassedOver: [PassedOver] { passedOver + folders.flatMap(\.allPassedOver) }
}

extension Reading {
  /// What was passed over, counted by reason with the first name; nil when nothing was.
  static func passedOver(_ files: [ImageTree.PassedOver], in root: DatasetPath) -> Reading? {
    guard !files.isEmpty else { return nil }
    let groups = Dictionary(grouping: files, by: \.reason).sorted { $0.key < $1.key }
    let prefix = root.path + "/"
    let parts = groups.map { reason, members in
      let first = members.map(\.path.path).min() ?? ""
      let name = first.hasPrefix(prefix) ? String(first.dropFirst(prefix.count)) : first
      return "\(members.count) \(reason) (first '\(name)')"
    }
    return Reading(.passedOver, parts.joined(separator: "; "), .evidence)
  }
}
