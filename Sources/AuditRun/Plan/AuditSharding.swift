import Audit
import Datasets
import Foundation
import SharedWork

/// The share of an audit that this process does, beside others on the same folder.
package struct AuditSharding: Sendable {
  package let shard: Shard
  package let folder: ShardFolder
  /// What said which shard this is.
  package let source: String
  private let recordsPath: String

  package init(_ shard: Shard, in run: RunFolder, source: String) {
    self.shard = shard
    self.source = source
    folder = ShardFolder(run: run.path)
    recordsPath = run.recordsPath
  }

  /// Pieces that every shard needs and one makes.
  ///
  /// `key`: digest of all that changes them.
  func pieces<Piece: Codable & Sendable>(
    _ type: Piece.Type, of name: String, count: Int, key: String
  ) -> SharedPieces<Piece> {
    SharedPieces(
      folder: "\(recordsPath)/shared/\(name)-\(key.prefix(12))", key: key, count: count,
      shard: shard)
  }

  /// The same for pieces that the whole work changes.
  func pieces<Piece: Codable & Sendable>(
    _ type: Piece.Type, of name: String, count: Int
  ) -> SharedPieces<Piece> {
    pieces(type, of: name, count: count, key: folder.work ?? "")
  }
}

extension AuditRunner {
  /// What the audit consists of, by the names under which users state it: the same for every shard,
  /// whatever files and folders are called where it runs.
  func work() throws -> [String: String] {
    func digest(_ value: some Encodable) throws -> String {
      String(Digest.sha256(try CanonicalJSON.encode(value, pretty: false)).prefix(12))
    }
    var work: [String: String] = [
      "version": "\(RunDescription.toolVersion), records \(ImageRecord.currentVersion)",
      "data": try "\(dataset.count) images, names and labels "
        + digest([dataset.identifiers, (dataset.labels ?? []).map(String.init)]),
      "class names": try digest(dataset.classNames ?? []),
      "batch size": batchSize.map(String.init) ?? "auto",
    ]
    for (index, model) in models.enumerated() {
      var preprocessing = model.preprocessor.preprocessing
      (preprocessing.source, preprocessing.notes) = (nil, nil)
      work["model \(index + 1)"] = String(model.digest.prefix(12))
      work["preprocessing of model \(index + 1)"] = try digest(preprocessing)
      work["output of model \(index + 1)"] = model.network.outputKind.rawValue
    }
    var settings = settings
    settings.methodReason = nil
    let json = try JSONSerialization.jsonObject(
      with: CanonicalJSON.encode(settings, pretty: false))
    for (name, value) in json as? [String: Any] ?? [:] {
      let text = try JSONSerialization.data(
        withJSONObject: value, options: [.fragmentsAllowed, .sortedKeys])
      work[name] = String(decoding: text, as: UTF8.self)
    }
    return work
  }

  /// Images per pass of each model, as the first shard chose them: they change the last bits of
  /// results, and with automatic sizes follow from the machine's memory.
  ///
  /// Throws `SharedWorkError`.
  func agreedBatchSizes(_ sharding: AuditSharding) throws -> [Int] {
    let own = models.indices.map(batchSize)
    return try sharding.pieces([Int].self, of: "batch-sizes", count: 1).all(
      workers: 1, makeState: {}, body: { _, _ in own })[0]
  }
}
