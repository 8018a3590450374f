import Foundation
import SharedWork

/// An output folder with the features of one model, or of those of an audit.
package struct FeatureFolder: Sendable {
  package let path: String
  /// By model; of the audit's models those whose features were found.
  private let stores: [(model: String, store: FeatureStore)]
  /// Whether it is the folder of an audit.
  package let isAudit: Bool

  /// Throws `AuditError.noFeatures`.
  package init(_ path: String) throws {
    self.path = path
    let run = RunFolder(path)
    let own = FeatureFolder.store(in: path)
    if let plan = own.plan {
      stores = [(plan.model, own)]
      isAudit = false
    } else {
      let plan = RecordFile.read(AuditPlan.self, from: run.planPath)
      stores = (plan?.models ?? []).map { ($0.name, run.featureStore($0)) }
        .filter { $0.store.plan != nil }
      isAudit = true
    }
    guard !stores.isEmpty else { throw AuditError.noFeatures(path: path, models: []) }
  }

  /// Where `features` keeps what it finds of its one model.
  package static func store(in folder: String) -> FeatureStore {
    FeatureStore("\(folder)/records/features")
  }

  package var models: [String] { stores.map(\.model) }

  /// Of the model named, or of the only one.
  ///
  /// Throws `AuditError.noFeatures` where the name does not tell one.
  package func store(of model: String?) throws -> FeatureStore {
    let named = stores.filter { model == nil || $0.model == model }
    guard named.count == 1 else { throw AuditError.noFeatures(path: path, models: models) }
    return named[0].store
  }
}

extension RunFolder {
  /// Where an audit keeps the features of a model.
  package func featureStore(_ model: PlannedModel) -> FeatureStore {
    FeatureStore(file("records/\(model.recordFolder)/features"))
  }
}
