import KubernetesModel
import YAML

/// What is to be said about the input: one line on standard error.
struct Finding: Hashable {
    /// How much it matters.
    enum Severity: String, Hashable {
        case note, warning, error
    }

    var place: Place?
    var severity: Severity
    /// The object it is about: `IstioOperator istio-system/mesh`; empty for none.
    var subject: String
    var message: String

    init(_ severity: Severity = .error, at place: Place? = nil, subject: String = "", _ message: String) {
        self.place = place
        self.severity = severity
        self.subject = subject
        self.message = message
    }

    /// The same, said of what is gone on with; notes stay notes.
    var asWarning: Finding {
        var finding = self
        if severity == .error { finding.severity = .warning }
        return finding
    }
}

extension Finding: CustomStringConvertible {
    /// `FILE:LINE:COLUMN: error: IstioOperator istio-system/mesh: spec.hub: must be …`
    var description: String {
        let start = place.map { "\($0): " } ?? ""
        return "\(start)\(severity.rawValue): \(subject.isEmpty ? "" : "\(subject): ")\(message)"
    }
}

extension Finding.Severity {
    init(_ severity: Diagnostic.Severity) { self = severity == .error ? .error : .warning }
}

extension Collection where Element == Finding {
    /// Whether any of them forbids going on.
    var hasErrors: Bool { contains { $0.severity == .error } }

    /// In the order of the text: files as they were first met, each from top to bottom; then arguments, then the rest.
    var inOrder: [Finding] {
        var files: [String: Int] = [:]
        let ranked = enumerated().map { index, finding -> (rank: [Int], finding: Finding) in
            switch finding.place {
            case .file(let file, let mark)?:
                let number = files[file] ?? files.count
                files[file] = number
                return ([0, number, mark?.line ?? 0, mark?.column ?? 0, index], finding)
            case .argument?: return ([1, index], finding)
            case nil: return ([2, index], finding)
            }
        }
        return ranked.sorted { $0.rank.lexicographicallyPrecedes($1.rank) }.map(\.finding)
    }

    var errorCount: Int { count { $0.severity == .error } }
}

/// Input that cannot be worked with: every reason there is.
struct InputFault: Error, CustomStringConvertible {
    var findings: [Finding]

    init(_ findings: [Finding]) { self.findings = findings }

    init(_ message: String, at place: Place? = nil) { findings = [Finding(at: place, message)] }

    var description: String { findings.map(\.description).joined(separator: "\n") }
}
