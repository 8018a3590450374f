import Audit
import Foundation
import SharedWork

/// A row of numbers for each of many images, in a file that the system pages in and out, so that memory does not
/// grow with the number of images.
final class FeatureTable: @unchecked Sendable {
  let columns: Int
  let rows: Int
  private let numbers: UnsafeMutableBufferPointer<Float>

  /// The file has no name: it is gone when the program ends, however it does.
  ///
  /// Throws `SharedWorkError.write` when the disk has no room.
  init(rows: Int, columns: Int) throws {
    self.rows = rows
    self.columns = columns
    let bytes = max(1, rows * columns) * MemoryLayout<Float>.stride
    let folder = FileManager.default.temporaryDirectory.path
    var template = Array("\(folder)/overinterp-features-XXXXXX".utf8CString)
    let file = mkstemp(&template)
    guard file >= 0 else {
      throw SharedWorkError.write(
        path: folder, reason: String(cString: strerror(errno)))
    }
    unlink(template)
    defer { close(file) }
    // Room is taken now: a full disk found later would end the program.
    guard posix_fallocate(file, 0, off_t(bytes)) == 0,
      let memory = mmap(nil, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0),
      memory != MAP_FAILED
    else {
      throw SharedWorkError.write(
        path: folder, reason: String(cString: strerror(errno)))
    }
    numbers = UnsafeMutableBufferPointer(
      start: memory.assumingMemoryBound(to: Float.self), count: rows * columns)
  }

  deinit {
    munmap(numbers.baseAddress, max(1, numbers.count) * MemoryLayout<Float>.stride)
  }

  /// Writes rows from `first` on; threads may write different rows at once.
  func write(_ values: [Float], first: Int) {
    precondition(first * columns + values.count <= numbers.count, "\(values.count) at \(first)")
    _ = values.withUnsafeBufferPointer { source in
      UnsafeMutableBufferPointer(rebasing: numbers[(first * columns)...]).update(
        fromContentsOf: source)
    }
  }

  /// Some rows, one after the other.
  func rows(_ indices: some Sequence<Int>) -> [Float] {
    var result: [Float] = []
    for row in indices { result += numbers[row * columns..<(row + 1) * columns] }
    return result
  }

  /// Their bytes.
  func withUnsafeBytes<Result>(_ body: (UnsafeRawBufferPointer) throws -> Result) rethrows -> Result
  {
    try body(UnsafeRawBufferPointer(numbers))
  }
}
