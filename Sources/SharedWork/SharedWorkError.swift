/// What stops work that is kept in files.
package enum SharedWorkError: Error, Equatable {
  /// Asked to stop from outside.
  case interrupted
  case outputFolder(path: String, reason: String)
  /// The disk is full or failing.
  case write(path: String, reason: String)
  /// A shard that cannot be told, or that there is not; `what`: the flag or the variable.
  case shard(what: String, reason: String)
  /// A folder that another work lies in.
  case otherWork(folder: String, reason: String)
}

extension SharedWorkError: CustomStringConvertible {
  package var description: String {
    switch self {
    case .interrupted:
      "Stopped on request. What was finished is kept; the same command continues. Of an audit, "
        + "'overinterp report' on the output folder reports what is finished."
    case .outputFolder(let path, let reason):
      "Cannot write to the output folder '\(path)': \(reason). Choose another with -o."
    case .write(let path, let reason):
      "Cannot write to '\(path)': \(reason). What was finished is kept; the same command continues."
    case .shard(let what, let reason):
      "\(what): \(reason)."
    case .otherWork(let folder, let reason):
      "'\(folder)' holds other work: \(reason). Name another folder with -o, or remove this one."
    }
  }
}
