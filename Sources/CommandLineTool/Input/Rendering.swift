import IstioAPI
import KubernetesModel
import ManifestRenderer

/// What becomes of an IstioOperator, and all that is to be said about it.
struct Rendering {
    /// Nil if there are errors.
    var manifests: RenderedManifests?
    var findings: [Finding]
    /// Whether the errors are about how the spec is written, rather than about what it asks for.
    var isUnreadable: Bool

    /// Reads, checks and renders. All errors are found at once: those of fields and those of their combination.
    ///
    /// - Parameter isForced: Whether errors of fields are warnings, and the fields are left out.
    init(_ input: OperatorInput, kubernetesMinor: Int, isForced: Bool = false) {
        let iop = input.istioOperator
        let read = IstioOperatorSpec.read(iop.specJSON)
        let diagnostics = input.object.unknownTopLevelFields + read.diagnostics
        findings = diagnostics.map { input.finding($0, isForced: isForced) }
        isUnreadable = findings.hasErrors
        let wrong = read.diagnostics.filter { $0.severity == .error }.map(\.path)
        let spec = isForced ? IstioOperatorSpec.read(iop.specJSON.without(wrong, from: "spec")).spec : read.spec
        manifests = nil
        do {
            let profiles = try packageProfiles(for: spec, input)
            findings += isForced ? profiles.findings.map(\.asWarning) : profiles.findings
            let rendered = try ManifestRenderer.manifests(
                for: RenderInput(
                    owner: iop.key, spec: spec, facts: ClusterFacts(kubernetesMinor: kubernetesMinor),
                    purpose: .file, packageProfiles: profiles.specs))
            findings += rendered.warnings.map { input.finding($0) }
            if !findings.hasErrors { manifests = rendered }
        } catch let error as RenderError {
            let said = isForced ? [] : diagnostics
            findings += error.diagnostics.map(input.asWritten).filter { !$0.follows(from: said) }
                .map { input.finding($0) }
        } catch let fault as InputFault {
            findings += fault.findings
        } catch {
            findings.append(Finding(subject: input.subject, "\(error)"))
        }
        findings = findings.inOrder
    }
}

extension OperatorInput {
    /// The same about the field that a person wrote.
    func asWritten(_ diagnostic: Diagnostic) -> Diagnostic {
        var diagnostic = diagnostic
        diagnostic.path = writtenPath(of: diagnostic.path)
        return diagnostic
    }

    func finding(_ diagnostic: Diagnostic, isForced: Bool = false) -> Finding {
        let diagnostic = asWritten(diagnostic)
        return Finding(
            isForced ? .warning : Finding.Severity(diagnostic.severity), at: place(of: diagnostic.path),
            subject: subject, diagnostic.description)
    }
}

extension Diagnostic {
    /// Whether others have said what this is about: they are at the same field, or at a field right in it.
    fileprivate func follows(from others: [Diagnostic]) -> Bool {
        let own = FieldStep.steps(path)
        return others.contains { other in
            guard other.severity == .error else { return false }
            let steps = FieldStep.steps(other.path)
            return steps == own || steps.dropLast() == own[...] && severity == .error && own.count > 2
        }
    }
}

extension UnstructuredObject {
    /// Fields beside `spec` that no object has.
    var unknownTopLevelFields: [Diagnostic] {
        let fields = ["apiVersion", "kind", "metadata", "spec", "status"].map { Schema.Field($0, .anything) }
        return Schema.object(fields).diagnostics(for: json, at: "")
    }
}

/// The minor version of a version such as `1.30` or `v1.30.2`.
func kubernetesMinor(_ version: String) throws(InputFault) -> Int {
    let parts = version.drop { $0 == "v" }.split(separator: ".")
    guard parts.count > 1, parts[0] == "1", let minor = Int(parts[1]), minor >= 0 else {
        throw InputFault("give major.minor, such as 1.30", at: .argument("--kubernetes-version \(version)"))
    }
    return minor
}
