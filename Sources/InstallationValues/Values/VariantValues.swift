internal import IstioAPI
internal import KubernetesModel

/// The values of a profile with those laid over it that a version, a platform or another profile stands for.
struct VariantValues {
    var values: JSONValue
    /// Names of variants that there are none of.
    var diagnostics: [Diagnostic] = []

    /// - Parameters:
    ///   - profile: The values of the profile.
    ///   - chosen: What the spec says, which names the variants.
    ///   - versionPath: Where it names the version to behave like.
    ///   - platform: What the cluster itself says it runs on, if it does.
    init(of profile: JSONValue, chosen: JSONValue, versionPath: String, detected platform: String?) {
        values = profile
        let detected = platform.flatMap(Platform.init(rawValue:))
        if let detected { values["global", "platform"] = .string(detected.rawValue) }
        if let name = name(at: ["profile"], in: chosen) {
            if let other = Profile(rawValue: name) {
                values = values.merging(other.chartValues)
            } else {
                let message = noSuchProfile(name, among: Profile.allCases.map(\.rawValue))
                diagnostics.append(Diagnostic(path: "spec.values.profile", message: message))
            }
        }
        if let version = name(at: ["compatibilityVersion"], in: chosen) {
            if let older = CompatibilityVersion.values(of: version) {
                values = values.merging(older)
            } else {
                let known = CompatibilityVersion.all.joined(separator: ", ")
                let message = "\"\(version)\" is no version that can be behaved like; known are \(known)"
                diagnostics.append(Diagnostic(path: versionPath, message: message))
            }
        }
        if let name = name(at: ["global", "platform"], in: chosen) {
            if let platform = Platform(rawValue: name) {
                values = values.merging(platform.values)
                // The plugin goes to kube-system there, which has a quota already.
                if detected == .gke { values["cni", "resourceQuotas", "enabled"] = false }
            } else {
                let known = Platform.allCases.map(\.rawValue)
                let hint = Spelling.nearest(to: name, among: known).map { " (did you mean \"\($0)\"?)" } ?? ""
                let message =
                    "\"\(name)\" is no platform with settings of its own\(hint); known are "
                    + "\(known.joined(separator: ", ")); leave it empty for any other"
                diagnostics.append(Diagnostic(path: "spec.values.global.platform", message: message))
            }
        }
    }

    /// What the spec says, else the profile; nil for nothing.
    private func name(at path: [String], in chosen: JSONValue) -> String? {
        let name = (chosen.value(at: path) ?? values.value(at: path))?.scalarText
        return name.flatMap { $0.isEmpty ? nil : $0 }
    }
}
