internal import IstioAPI
internal import KubernetesModel

/// All that is rendered, typed and checked.
struct Settings {
    /// A gateway, the component it belongs to and where its entry stands in the spec.
    struct Gateway {
        var component: Component
        var settings: GatewaySettings
        var overrides: JSONValue?
        /// Such as `spec.components.ingressGateways[0]`.
        var path: String
    }

    var install: Install
    /// Nil if the control plane is not installed.
    var pilot: PilotSettings?
    var gateways: [Gateway]
    var enabledComponents: Set<Component>

    init(_ input: RenderInput, _ merged: MergedSpec, _ diagnostics: inout [Diagnostic]) {
        var values = ValuesReader(merged.values)
        install = Install(input.owner, input.facts, reading: &values)
        enabledComponents = []
        gateways = []
        let components = merged.spec.components
        if components.base?.enabled ?? (components.base != nil) { enabledComponents.insert(.base) }
        if components.pilot?.enabled ?? (components.pilot != nil) {
            enabledComponents.insert(.pilot)
            pilot = readPilot(&values, merged, &diagnostics)
        }
        for (entries, component, kind) in [
            (components.ingressGateways, Component.ingressGateways, "ingressgateway"),
            (components.egressGateways, Component.egressGateways, "egressgateway"),
        ] {
            for (index, entry) in entries.enumerated() where entry.component.enabled != false {
                enabledComponents.insert(component)
                let field = component == .ingressGateways ? "ingressGateways" : "egressGateways"
                let path = "spec.components.\(field)[\(index)]"
                let settings = readGateway(entry, kind, at: path, &values, merged, &diagnostics)
                gateways.append(
                    Gateway(
                        component: component, settings: settings, overrides: entry.component.k8s, path: path))
            }
        }
        diagnostics += values.diagnostics
        diagnostics += misplaced(components.base, "base") + misplaced(components.pilot, "pilot")
        diagnostics += sharedSelectors() + doubts(merged)
    }

    private func readPilot(
        _ values: inout ValuesReader, _ merged: MergedSpec, _ diagnostics: inout [Diagnostic]
    ) -> PilotSettings {
        var own = ValuesReader(merged.values["pilot"] ?? [:], path: "spec.values.pilot")
        var pilot = PilotSettings(install, reading: &own)
        pilot.injector = InjectorSettings(reading: &values)
        pilot.analyzes = values.bool("global.istiod.enableAnalysis")
        diagnostics += own.diagnostics
        diagnostics += pilot.scaling.warnings(
            overrides: merged.spec.components.pilot?.k8s, at: "spec.components.pilot.k8s",
            chosen: merged.chosenValues["pilot"], at: "spec.values.pilot")
        return pilot
    }

    private func readGateway(
        _ entry: GatewaySpec, _ kind: String, at path: String, _ values: inout ValuesReader, _ merged: MergedSpec,
        _ diagnostics: inout [Diagnostic]
    ) -> GatewaySettings {
        let valuesPath = "spec.values.gateways.istio-\(kind)"
        var own = ValuesReader(GatewaySettings.values(of: entry, kind: kind, in: merged.values), path: valuesPath)
        let settings = GatewaySettings(entry, kind: kind, install, own: &own, shared: &values)
        diagnostics += own.diagnostics
        let overrides = entry.component.k8s
        diagnostics += settings.scaling.warnings(
            overrides: overrides, at: "\(path).k8s", chosen: merged.chosenValues["gateways", "istio-\(kind)"],
            at: valuesPath)
        let hasOwnPorts = overrides?["service", "ports"] != nil
        diagnostics += settings.privilegedPorts(at: hasOwnPorts ? "\(path).k8s.service.ports" : "\(valuesPath).ports")
        return settings
    }

    /// The control plane's objects lie in its one namespace.
    private func misplaced(_ component: ComponentSpec?, _ name: String) -> [Diagnostic] {
        guard let namespace = component?.namespace, !namespace.isEmpty, namespace != install.namespace else {
            return []
        }
        let message =
            "is \"\(namespace)\", but the control plane is installed into \"\(install.namespace)\"; "
            + "set spec.namespace to the namespace you want, or remove this field"
        return [Diagnostic(path: "spec.components.\(name).namespace", message: message)]
    }

    /// Gateways of one namespace whose Services would lead to each other's Pods.
    private func sharedSelectors() -> [Diagnostic] {
        gateways.enumerated().compactMap { index, gateway in
            let settings = gateway.settings
            let twin = gateways[..<index].first {
                $0.settings.namespace == settings.namespace && $0.settings.labels == settings.labels
            }
            guard let twin, twin.settings.name != settings.name else { return nil }
            let message =
                "gateway \(settings.name) has the same labels as \(twin.settings.name), so the Service of each "
                + "leads to the Pods of both; give it a label of its own, such as istio: \(settings.name)"
            return Diagnostic(.warning, path: "\(gateway.path).label", message: message)
        }
    }

    private func doubts(_ merged: MergedSpec) -> [Diagnostic] {
        var warnings: [Diagnostic] = []
        if let version = merged.spec.compatibilityVersion, !version.isEmpty {
            warnings.append(
                Diagnostic(
                    .warning, path: "spec.compatibilityVersion",
                    message: "\"\(version)\" has no effect: this build has one set of defaults"))
        }
        if pilot != nil, isIstioHub(install.hub) {
            warnings.append(
                Diagnostic(
                    .warning, path: "spec.hub",
                    message: "\"\(install.hub)\" holds Istio's images, but the access rules are those that this "
                        + "build's own control plane needs; Istio's may lack some"))
        }
        return warnings
    }
}
