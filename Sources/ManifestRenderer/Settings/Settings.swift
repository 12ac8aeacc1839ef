internal import InstallationValues
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
    /// Nil if this cluster needs nothing of the control plane.
    var pilot: PilotSettings?
    /// Nil if the CNI plugin is not installed.
    var nodeAgent: NodeAgentSettings?
    /// Nil if ztunnel is not installed.
    var nodeProxy: NodeProxySettings?
    var gateways: [Gateway]
    var enabledComponents: Set<Component>

    init(_ input: RenderInput, _ merged: MergedSpec, _ diagnostics: inout [Diagnostic]) {
        var values = ValuesReader(merged.values)
        let components = merged.spec.components
        let isRemote = components.istiodRemote.isInstalled
        install = Install(input, isRemote: isRemote, reading: &values)
        enabledComponents = []
        gateways = []
        if components.base.isInstalled { enabledComponents.insert(.base) }
        if components.pilot.isInstalled || isRemote {
            let component = components.pilot.isInstalled ? Component.pilot : .istiodRemote
            enabledComponents.insert(component)
            pilot = readPilot(component, &values, merged, &diagnostics)
        }
        readNodePrograms(&values, merged, &diagnostics)
        for (entries, component, kind) in [
            (components.ingressGateways, Component.ingressGateways, "ingressgateway"),
            (components.egressGateways, Component.egressGateways, "egressgateway"),
        ] {
            for (index, entry) in entries.enumerated() where entry.component.isEnabled {
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
        diagnostics += misplaced(components.istiodRemote, "istiodRemote") + sharedSelectors() + unusedNames(merged)
    }

    private func readPilot(
        _ component: Component, _ values: inout ValuesReader, _ merged: MergedSpec,
        _ diagnostics: inout [Diagnostic]
    ) -> PilotSettings {
        var own = ValuesReader(merged.values["pilot"] ?? [:], path: "spec.values.pilot")
        let pilot = PilotSettings(install, of: component, reading: &own, shared: &values)
        diagnostics += own.diagnostics
        diagnostics += pilot.scaling.warnings(
            overrides: merged.spec.components.pilot?.k8s, at: "spec.components.pilot.k8s",
            chosen: merged.chosenValues["pilot"], at: "spec.values.pilot")
        return pilot
    }

    private mutating func readNodePrograms(
        _ values: inout ValuesReader, _ merged: MergedSpec, _ diagnostics: inout [Diagnostic]
    ) {
        let components = merged.spec.components
        if let cni = components.cni, cni.isEnabled {
            enabledComponents.insert(.cni)
            var own = ValuesReader(merged.values["cni"] ?? [:], path: "spec.values.cni")
            let level = merged.originalValues["global", "logging", "level"]?.scalarText
            nodeAgent = NodeAgentSettings(cni, install, own: &own, shared: &values, chosenLogLevel: level)
            diagnostics += own.diagnostics + install.foreignProgram("cni", cni, merged.originalValues)
        }
        if let ztunnel = components.ztunnel, ztunnel.isEnabled {
            enabledComponents.insert(.ztunnel)
            var own = ValuesReader(merged.values["ztunnel"] ?? [:], path: "spec.values.ztunnel")
            nodeProxy = NodeProxySettings(ztunnel, install, own: &own, shared: &values)
            diagnostics += own.diagnostics + install.foreignProgram("ztunnel", ztunnel, merged.originalValues)
        }
        diagnostics += NodeProxySettings.unknownFields(of: merged.spec.values?["ztunnel"])
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
        diagnostics += settings.overridesWithoutEffect(entry.component, at: path)
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

    /// Names that values give a gateway beside those that the components list.
    private func unusedNames(_ merged: MergedSpec) -> [Diagnostic] {
        ["ingressgateway", "egressgateway"].compactMap { kind in
            let name = merged.chosenValues["gateways", "istio-\(kind)", "name"]?.string ?? ""
            let listed = gateways.map(\.settings).filter { $0.kind == kind }.map(\.name)
            guard !name.isEmpty, !listed.isEmpty, !listed.contains(name) else { return nil }
            let message = "has no effect, for spec.components lists \(listed.joined(separator: ", ")); name it there"
            return Diagnostic(.warning, path: "spec.values.gateways.istio-\(kind).name", message: message)
        }
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
}
