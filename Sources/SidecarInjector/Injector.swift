import KubernetesModel

/// A Pod with its sidecar, or why it gets none.
///
/// Injecting the result again gives the result again.
package func injection(
    of request: InjectionRequest, with settings: InjectionSettings
) throws(InjectionError) -> Injection {
    let original = OriginalPod(request.podAsWritten)
    let reason = settings.refusal(
        namespace: request.namespace, labels: original.labels, annotations: original.annotations, spec: original.spec)
    if let reason { return .skipped(reason: reason) }
    let faults = shapeFaults(original.json) + annotationFaults(original.annotations)
    guard faults.isEmpty else { throw InjectionError(diagnostics: faults) }
    let context = try TemplateContext(original, request, settings)
    let templated = try templatedPod(original, context)
    let reapplied = reapplyingOverrides(templated, of: original, context)
    let pod = try adapted(reapplied.pod, overrides: reapplied.overrides, of: original, request, context, templated.part)
    return .injected(pod: pod, warnings: context.warnings + templated.warnings)
}

/// A Pod as it was sent, and what an earlier injection left in it.
struct OriginalPod {
    var json: JSONValue
    var labels: [String: String]
    var annotations: [String: String]
    var status: InjectionStatus?
    var overrides: Overrides

    var spec: JSONValue? { json["spec"] }

    init(_ json: JSONValue) {
        self.json = json
        labels = (json["metadata"]?["labels"]?.object ?? [:]).mapValues(\.plainText)
        annotations = (json["metadata"]?["annotations"]?.object ?? [:]).mapValues(\.plainText)
        status = annotations[InjectionStatus.annotation].flatMap { InjectionStatus(parsing: $0) }
        overrides = annotations[Overrides.annotation].flatMap { Overrides(parsing: $0) } ?? Overrides()
    }

    /// The container of a name, and the list it is in.
    func container(_ name: String) -> (list: String, container: JSONValue)? {
        for list in ["containers", "initContainers"] {
            if let found = spec?[list]?.array?.first(where: { $0["name"]?.string == name }) { return (list, found) }
        }
        return nil
    }

    /// The spec without what an earlier injection put into it, and with the containers that it had changed.
    var specBeforeInjection: JSONValue {
        var spec = self.spec ?? [:]
        guard let status else { return spec }
        for (list, names) in [("containers", status.containers), ("initContainers", status.initContainers)] {
            guard var containers = spec[list]?.array else { continue }
            containers.removeAll { $0["name"]?.string.map(names.contains) ?? false }
            spec[list] = .array(containers)
        }
        for (list, containers) in [
            ("containers", overrides.containers), ("initContainers", overrides.initContainers),
        ] where !containers.isEmpty {
            let names = containers.map { $0["name"] }
            let others = (spec[list]?.array ?? []).filter { !names.contains($0["name"]) }
            spec[list] = .array(containers + others)
        }
        return spec
    }
}

extension TemplateContext {
    init(_ original: OriginalPod, _ request: InjectionRequest, _ settings: InjectionSettings) throws(InjectionError) {
        var proxy = settings.mesh.proxy
        for spec in request.proxyConfigs { proxy = proxy.overlaid(with: ProxySettings.fields(ofProxyConfig: spec)) }
        var warnings: [String] = []
        if let text = original.annotations["proxy.istio.io/config"] {
            let fields = try ProxySettings.fields(ofAnnotation: text)
            let (faults, doubts) = ProxySettings.findings(aboutAnnotation: fields)
            guard faults.isEmpty else { throw InjectionError(diagnostics: faults) }
            warnings = doubts
            proxy = proxy.overlaid(with: fields)
        }
        let spec = original.specBeforeInjection
        if spec["dnsPolicy"] == "Default" {
            warnings.append(
                "spec.dnsPolicy: with \"Default\" names are looked up as on the node, where \(proxy.discoveryAddress) may "
                    + "not be known: the proxy needs it. Use ClusterFirst, which is also what is meant by saying nothing"
            )
        }
        if settings.values.proxy.tracer == "datadog", let text = original.annotations[tracerEnvironmentAnnotation],
            !text.isEmpty, (try? JSONValue(parsing: text))?.object == nil
        {
            warnings.append(
                "metadata.annotations[\"\(tracerEnvironmentAnnotation)\"]: no JSON map, and therefore left out: environment "
                    + "variables of the tracer are expected, such as {\"DD_ENV\": \"prod\"}")
        }
        let all = (spec["containers"]?.array ?? []) + (spec["initContainers"]?.array ?? [])
        let own = all.first { $0["name"]?.string == proxyContainerName }?["securityContext"]
        // Who takes packets for any address is root, and of no namespace's range.
        let mode = original.annotations["sidecar.istio.io/interceptionMode"] ?? proxy.interceptionMode
        let account = (mode == "TPROXY" ? nil : request.account) ?? .standard
        let nativeSaid = original.annotations["sidecar.istio.io/nativeSidecar"] ?? ""
        self.init(
            settings: settings, proxy: proxy, metadata: original.json["metadata"] ?? [:], spec: spec,
            annotations: original.annotations, labels: original.labels,
            workload: request.workload
                ?? WorkloadReference(controllerOf: original.json, namespace: request.namespace),
            isNative: nativeSaid.isEmpty ? settings.facts.usesNativeSidecars : nativeSaid != "false",
            user: own?["runAsUser"]?.integer ?? account.user, group: own?["runAsGroup"]?.integer ?? account.group,
            warnings: warnings)
    }
}
