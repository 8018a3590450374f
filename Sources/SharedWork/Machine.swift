import Foundation

/// The machine that this process runs on.
package enum Machine {
  /// Such as "AMD EPYC 7B13 64-Core Processor".
  package static let processor: String = {
    let text = (try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8)) ?? ""
    let line = text.split(separator: "\n").first { $0.hasPrefix("model name") }
    return line?.split(separator: ":").last.map {
      $0.trimmingCharacters(in: .whitespaces)
    } ?? "unknown"
  }()

  package static var host: String { ProcessInfo.processInfo.hostName }
}
