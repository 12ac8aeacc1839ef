import FoundationEssentials
import IstioAPI
import KubernetesModel

/// Profiles that stand in files instead of being built in.
struct PackageProfiles {
    var specs: [String: IstioOperatorSpec] = [:]
    var findings: [Finding] = []
}

/// The profiles in files that a spec needs: its own, and the default one that all are laid over.
///
/// They are looked for in the folder `installPackagePath`; a profile that is itself a path is read from there.
func packageProfiles(for spec: IstioOperatorSpec, _ input: OperatorInput) throws(InputFault) -> PackageProfiles {
    var profiles = PackageProfiles()
    if let folder = spec.installPackagePath {
        guard isFolder(folder) else {
            throw InputFault([
                Finding(
                    at: input.place(of: "spec.installPackagePath"), subject: input.subject,
                    "spec.installPackagePath: there is no folder \"\(folder)\"; remove the field to use the built-in "
                        + "profiles")
            ])
        }
        for name in Set([spec.profile ?? "default", "default"]).sorted() where !isPath(name) {
            if let file = profileFile(name, in: folder) { profiles.add(name, readFrom: file) }
        }
    }
    if let path = spec.profile, isPath(path) {
        guard FileManager.default.fileExists(atPath: path) else {
            throw InputFault([
                Finding(
                    at: input.place(of: "spec.profile"), subject: input.subject,
                    "spec.profile: there is no file \"\(path)\"")
            ])
        }
        profiles.add(path, readFrom: path)
    }
    return profiles
}

/// The names of the profiles in a folder.
func profileNames(in folder: String) throws(InputFault) -> [String] {
    guard isFolder(folder) else { throw InputFault("there is no folder \"\(folder)\"", at: .argument("--manifests")) }
    let names = profileFolders(folder).flatMap { folder in
        ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).filter { $0.hasSuffix(".yaml") }
            .filter { name in
                InputDocuments(reading: ["\(folder)/\(name)"]).documents.contains { $0.object.kind == "IstioOperator" }
            }.map { String($0.dropLast(5)) }
    }
    return Set(names).sorted()
}

extension PackageProfiles {
    /// A spec that means the same without these files: with what they say written into it.
    func spec(under written: JSONValue) -> JSONValue {
        let name = written["profile"]?.string
        let own = name.flatMap { $0 == "default" ? nil : specs[$0] }
        var spec = (specs["default"]?.json ?? [:]).merging(own?.json ?? [:]).merging(written)
        if own != nil { spec["profile"] = nil }
        spec["installPackagePath"] = nil
        return spec
    }

    fileprivate mutating func add(_ name: String, readFrom file: String) {
        let read = InputDocuments(reading: [file])
        findings += read.findings
        let operators = read.documents.filter { $0.object.kind == "IstioOperator" }
        guard let document = operators.first, operators.count == 1 else {
            let message = "a profile is one IstioOperator, but this file has \(operators.count)"
            if read.findings.isEmpty { findings.append(Finding(at: .file(file, nil), message)) }
            return
        }
        let spec = IstioOperatorSpec.read(document.object.json["spec"] ?? .null)
        findings += spec.diagnostics.map { diagnostic in
            Finding(
                Finding.Severity(diagnostic.severity), at: document.place(of: diagnostic.path),
                subject: "profile \(name)", diagnostic.description)
        }
        specs[name] = spec.spec
    }
}

private func isPath(_ profile: String) -> Bool {
    profile.contains("/") || profile.hasSuffix(".yaml") || profile.hasSuffix(".yml")
}

private func isFolder(_ path: String) -> Bool {
    var isFolder = false
    return FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) && isFolder
}

private func profileFolders(_ folder: String) -> [String] {
    ["\(folder)/profiles", folder, "\(folder)/manifests/profiles"]
}

private func profileFile(_ name: String, in folder: String) -> String? {
    profileFolders(folder).map { "\($0)/\(name).yaml" }.first { FileManager.default.fileExists(atPath: $0) }
}
