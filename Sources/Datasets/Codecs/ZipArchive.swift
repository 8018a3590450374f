import CZip
import Foundation

/// Reads the members of a ZIP archive by libzip, sorted by name.
func readZipMembers(_ path: DatasetPath) throws -> [(name: String, bytes: Data)] {
  var status: Int32 = 0
  guard let archive = zip_open(path.path, Int32(ZIP_RDONLY), &status) else {
    throw DatasetError.malformed(path: path.path, reason: "not a whole ZIP archive")
  }
  defer { zip_discard(archive) }
  var members: [(name: String, bytes: Data)] = []
  for index in 0..<max(0, zip_get_num_entries(archive, 0)) {
    var information = zip_stat_t()
    guard zip_stat_index(archive, zip_uint64_t(index), 0, &information) == 0,
      let name = information.name.map({ String(cString: $0) }),
      let file = zip_fopen_index(archive, zip_uint64_t(index), 0)
    else { throw DatasetError.malformed(path: path.path, reason: "member \(index) is damaged") }
    defer { zip_fclose(file) }
    guard information.size <= 1 << 36 else {
      throw DatasetError.malformed(path: path.path, reason: "member '\(name)' is too large")
    }
    var bytes = Data(count: Int(information.size))
    let read = bytes.withUnsafeMutableBytes { zip_fread(file, $0.baseAddress, information.size) }
    guard read == information.size else {
      throw DatasetError.malformed(path: path.path, reason: "member '\(name)' is damaged")
    }
    members.append((name, bytes))
  }
  return members.sorted { $0.name < $1.name }
}
