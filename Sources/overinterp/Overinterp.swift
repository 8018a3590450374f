import ArgumentParser
import Audit
import AuditRun
import Datasets
import Features
import Figures
import Foundation
import History
import Inference
import ONNX
import Reports
import Schedulers
import SharedWork
import Tensors

/// The program: parses the command line, runs a command, turns errors into exit codes.
@main
struct Overinterp: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "overinterp",
    abstract: "Audits image classifiers for overinterpretation.",
    discussion: """
      Finds for each image the few pixels that suffice for a model's decision, measures what that \
      says about the model, and writes a report.

      EXAMPLE
        overinterp audit resnet.onnx --data cifar-10-batches-bin --limit 100 -o report

      EXIT CODES
        0 passed, 1 a check failed, 2 inconclusive, 3 internal or I/O error, 64 usage or bad input, \
        130 and 143 interrupted
      """,
    version: RunDescription.toolVersion,
    subcommands: [
      AuditCommand.self, CompareCommand.self, DoctorCommand.self, ExplainCommand.self,
      FeaturesCommand.self, FiguresCommand.self,
      GateCommand.self, HistoryCommand.self, InitCommand.self, InspectCommand.self,
      KubernetesCommand.self, MergeCommand.self, PredictCommand.self, ReportCommand.self,
      SlurmCommand.self, StatusCommand.self, ValidateCommand.self,
    ])

  static func main() {
    Termination.unblockSignals()
    do {
      var command = try parseAsRoot()
      try command.run()
    } catch let error as any UserFacing {
      complain(error.description)
      exitNow(error.exitCode)
    } catch let code as ExitCode {
      // A verdict: what there is to say has been said.
      exitNow(code.rawValue)
    } catch  where exitCode(for: error) == .failure {
      complain("\(error)")
      exitNow(internalError)
    } catch  where exitCode(for: error) == .validationFailure {
      if let complaint = Suggestion.complaint(about: Array(CommandLine.arguments.dropFirst())) {
        complain(complaint)
        exitNow(badInput)
      }
      exit(withError: error)
    } catch {
      exit(withError: error)
    }
  }

  static func complain(_ message: String) {
    FileHandle.standardError.write(Data("overinterp: error: \(message)\n".utf8))
  }

  static func warn(_ message: String) {
    FileHandle.standardError.write(Data("overinterp: warning: \(message)\n".utf8))
  }

  static func exitNow(_ code: Int32) -> Never {
    Foundation.exit(code)
  }
}

/// An error whose text is meant for the user.
private protocol UserFacing: Error, CustomStringConvertible {
  var exitCode: Int32 { get }
}

/// Usage or bad input, as BSD's `EX_USAGE`.
private let badInput: Int32 = 64
private let internalError: Int32 = 3

extension ModelError: UserFacing {
  fileprivate var exitCode: Int32 { badInput }
}

extension DatasetError: UserFacing {
  fileprivate var exitCode: Int32 { badInput }
}

extension InferenceError: UserFacing {
  fileprivate var exitCode: Int32 {
    if case .refused = self { internalError } else { badInput }
  }
}

extension FeatureError: UserFacing {
  fileprivate var exitCode: Int32 { badInput }
}

extension LinearAlgebraError: UserFacing {
  fileprivate var exitCode: Int32 { internalError }
}

extension AuditError: UserFacing {
  fileprivate var exitCode: Int32 {
    if case .record = self { internalError } else { badInput }
  }
}

extension SharedWorkError: UserFacing {
  fileprivate var exitCode: Int32 {
    switch self {
    case .write: internalError
    case .interrupted: overinterp.exitCode(ofSignal: Interruption.signal)
    default: badInput
    }
  }
}

extension SchedulerError: UserFacing {
  fileprivate var exitCode: Int32 { badInput }
}

extension AuditRunError: UserFacing {
  fileprivate var exitCode: Int32 { badInput }
}

extension HistoryError: UserFacing {
  fileprivate var exitCode: Int32 {
    if case .failed = self { internalError } else { badInput }
  }
}

extension ReportError: UserFacing {
  fileprivate var exitCode: Int32 { badInput }
}

extension FigureError: UserFacing {
  fileprivate var exitCode: Int32 { internalError }
}
