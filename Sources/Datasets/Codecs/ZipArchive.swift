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
    let bytes = try readMember(file, size: Int(information.size)) {
      DatasetError.malformed(path: path.path, reason: "member '\(name)' is damaged")
    }
    members.append((name, bytes))
  }
  return members.sorted { $0.name < $1.name }
}

/// Reads by blocks, so that a damaged header that claims a large size takes no memory.
private func readMember(
  _ file: OpaquePointer, size: Int, failure: () -> DatasetError
) throws -> Data {
  var bytes = Data()
  var block = [UInt8](repeating: 0, count: min(size, 1 << 20))
  while bytes.count < size {
    let read = zip_fread(file, &block, zip_uint64_t(min(block.count, size - bytes.count)))
    guard read > 0 else { throw failure() }
    bytes.append(contentsOf: block[..<Int(read)])
  }
  // The checksum is compared where the member ends.
  guard size == 0 || zip_fread(file, &block, 1) == 0 else { throw failure() }
  return bytes
}
