internal import InstallationValues
internal import IstioAPI
internal import KubernetesModel

/// The objects of an install: which, in which version, whose, and in which order to apply them.
///
/// Pure and deterministic. Errors and warnings carry field paths from the IstioOperator's root.
package func manifests(for input: RenderInput) throws(RenderError) -> RenderedManifests {
    let merged = MergedSpec(input.spec, over: try input.profile(), on: input.facts.platform)
    var diagnostics = merged.diagnostics + unreadPackage(input)
    let settings = Settings(input, merged, &diagnostics)
    guard !diagnostics.hasErrors else { throw RenderError(diagnostics: diagnostics.inOrder) }

    var rendered = components(settings, merged)
    rendered = overridden(rendered, settings, merged, &diagnostics)
    diagnostics += collisions(in: rendered)
    guard !diagnostics.hasErrors else { throw RenderError(diagnostics: diagnostics.inOrder) }

    // What the spec contradicts by itself has been said when it was read.
    let said = Set(input.spec.contradictions.map(\.path))
    diagnostics.removeAll { said.contains($0.path) }
    for index in rendered.indices {
        rendered[index].completePortProtocols()
        rendered[index] = settings.install.stamped(rendered[index])
    }
    return RenderedManifests(
        manifests: rendered.inApplyOrder, istioNamespace: settings.install.namespace,
        revision: settings.install.revisionLabel, enabledComponents: settings.enabledComponents,
        warnings: diagnostics.inOrder)
}

/// A folder of profiles lies where the person sits, who may not know that nobody here can read it.
private func unreadPackage(_ input: RenderInput) -> [Diagnostic] {
    guard let folder = input.spec.installPackagePath, input.purpose == .installation, input.packageProfiles.isEmpty
    else { return [] }
    let message =
        "\"\(folder)\" has no effect: an operator reads no folders, and the profile is the built-in one; write the "
        + "fields of your profile into the spec, or install with `apus install`"
    return [Diagnostic(.warning, path: "spec.installPackagePath", message: message)]
}

private func components(_ settings: Settings, _ merged: MergedSpec) -> [Manifest] {
    let install = settings.install
    var manifests = install.purpose == .installation ? namespaces(settings) : []
    if settings.enabledComponents.contains(.base) {
        manifests += baseManifests(install, hasServer: settings.pilot?.hasServer ?? false)
    }
    if let pilot = settings.pilot { manifests += pilotManifests(install, pilot, merged) }
    if let agent = settings.nodeAgent { manifests += nodeAgentManifests(settings.install, agent) }
    if let proxy = settings.nodeProxy { manifests += nodeProxyManifests(settings.install, proxy) }
    for gateway in settings.gateways {
        manifests += gatewayManifests(settings.install, gateway.settings, of: gateway.component)
    }
    return manifests.filter { install.resourceScope.includes($0.reference.key) }
}

/// Every namespace that is installed into, with the first component that needs it.
private func namespaces(_ settings: Settings) -> [Manifest] {
    var needed: [(name: String, component: Component)] = []
    for component in [Component.base, .istiodRemote, .pilot] where settings.enabledComponents.contains(component) {
        needed.append((settings.install.namespace, component))
    }
    if let agent = settings.nodeAgent { needed.append((agent.namespace, .cni)) }
    if let proxy = settings.nodeProxy { needed.append((proxy.namespace, .ztunnel)) }
    needed += settings.gateways.map { ($0.settings.namespace, $0.component) }
    var known: Set<String> = []
    return needed.compactMap { name, component in
        known.insert(name).inserted ? namespaceManifest(name, of: component, settings.install) : nil
    }
}

/// Objects that two components make under one name.
private func collisions(in manifests: [Manifest]) -> [Diagnostic] {
    Dictionary(grouping: manifests, by: \.reference).filter { $0.value.count > 1 }.map { reference, _ in
        Diagnostic(
            path: "spec.components", message: "two components make \(reference); give one of them another name")
    }
}

extension [Diagnostic] {
    /// Errors first, then by path: the order does not depend on how they were found.
    fileprivate var inOrder: [Diagnostic] {
        sorted { ($1.severity, $0.path, $0.message) < ($0.severity, $1.path, $1.message) }
    }
}
