internal import InstallationValues
package import IstioAPI
internal import KubernetesModel

extension RenderInput {
    /// The spec of the profile that the spec names: one of the package's folder, else a built-in one; the default one
    /// if it names none.
    ///
    /// A profile of the package is laid over the default one, of which the package may have its own as well.
    package func profile() throws(RenderError) -> IstioOperatorSpec {
        let name = spec.profile.flatMap { $0.isEmpty ? nil : $0 } ?? Profile.default.rawValue
        let builtIn = Profile.default.spec
        let base = packageProfiles[Profile.default.rawValue]?.laid(over: builtIn) ?? builtIn
        if name == Profile.default.rawValue { return base }
        if let own = packageProfiles[name] { return own.laid(over: base) }
        if let profile = Profile(rawValue: name) { return profile.laid(over: base) }
        let names = Profile.allCases.map(\.rawValue)
        let own = packageProfiles.keys.filter { !names.contains($0) }.sorted()
        throw RenderError(
            diagnostics: [
                Diagnostic(path: "spec.profile", message: noSuchProfile(name, among: names, own: own))
            ])
    }
}
