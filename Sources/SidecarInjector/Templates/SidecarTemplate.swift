import KubernetesModel

extension TemplateContext {
    /// The template `sidecar`: agent and proxy beside the containers of a Pod, and what leads its traffic to them.
    func sidecarPod() -> JSONValue {
        var metadata = podMetadata()
        metadata["labels"] = .object(sidecarLabels)
        var initContainers: [JSONValue] = []
        if interceptionMode != "NONE" { initContainers.append(captureContainer()) }
        if dumpsCore { initContainers.append(coreDumpContainer()) }
        var spec: [String: JSONValue] = ["volumes": .array(agentVolumes())]
        if isNative {
            initContainers.append(sidecarContainer())
        } else {
            spec["containers"] = [sidecarContainer()]
        }
        if !initContainers.isEmpty { spec["initContainers"] = .array(initContainers) }
        spec["imagePullSecrets"] = imagePullSecrets
        return ["metadata": .object(metadata), "spec": .object(spec)]
    }

    private var sidecarLabels: [String: JSONValue] {
        var labels = canonicalLabels
        labels["security.istio.io/tlsMode"] = .string(label("security.istio.io/tlsMode") ?? "istio")
        if proxy.fields["proxyMetadata"]?["ISTIO_META_ENABLE_HBONE"]?.plainText == "true" {
            labels["networking.istio.io/tunnel"] = .string(label("networking.istio.io/tunnel") ?? "http")
        }
        return labels
    }

    /// What names the service a Pod is of in metrics, and the network it is in.
    var canonicalLabels: [String: JSONValue] {
        let name = label("service.istio.io/canonical-name", "app.kubernetes.io/name", "app") ?? workloadName
        let version = label("service.istio.io/canonical-revision", "app.kubernetes.io/version", "version")
        var labels: [String: JSONValue] = [
            "service.istio.io/canonical-name": .string(TemplateContext.labelValue(name)),
            "service.istio.io/canonical-revision": .string(version ?? "latest"),
        ]
        if !values.network.isEmpty {
            labels["topology.istio.io/network"] = .string(label("topology.istio.io/network") ?? values.network)
        }
        return labels
    }

    /// The longest start of a name that a label may have as its value.
    static func labelValue(_ name: String) -> String {
        let start = name.prefix(63)
        return String(start.hasSuffix("-") ? start.dropLast() : start)
    }

    /// The annotations of a Pod with a sidecar.
    private func podMetadata() -> [String: JSONValue] {
        var annotations: [String: JSONValue] = ["istio.io/rev": .string(revision)]
        annotations.merge(defaultContainerAnnotations) { own, _ in own }
        if values.capture.isByPlugin { annotations.merge(pluginAnnotations) { _, plugin in plugin } }
        return ["annotations": .object(annotations)]
    }

    /// Which container `kubectl logs` and `kubectl exec` mean where they are told none.
    var defaultContainerAnnotations: [String: JSONValue] {
        var added: [String: JSONValue] = [:]
        guard let first = applicationContainers.first else { return added }
        for name in ["kubectl.kubernetes.io/default-logs-container", "kubectl.kubernetes.io/default-container"]
        where annotations[name] == nil { added[name] = .string(first) }
        return added
    }

    /// What a CNI plugin reads.
    private var pluginAnnotations: [String: JSONValue] {
        var added: [String: JSONValue] = [
            "sidecar.istio.io/interceptionMode": .string(interceptionMode),
            "traffic.sidecar.istio.io/includeInboundPorts": .string(includedInboundPorts),
            "traffic.sidecar.istio.io/excludeInboundPorts": .string(excludedInboundPorts),
        ]
        if values.capture.usesMultus {
            let networks = annotations["k8s.v1.cni.cncf.io/networks"] ?? ""
            added["k8s.v1.cni.cncf.io/networks"] = .string(multusNetworks(networks, adding: "default/istio-cni"))
        }
        for (name, value) in [
            ("traffic.sidecar.istio.io/includeOutboundIPRanges", includedIPRanges),
            ("traffic.sidecar.istio.io/excludeOutboundIPRanges", excludedIPRanges),
            ("traffic.sidecar.istio.io/includeOutboundPorts", includedOutboundPorts),
            ("traffic.sidecar.istio.io/excludeOutboundPorts", excludedOutboundPorts),
            ("istio.io/reroute-virtual-interfaces", reroutedInterfaces ?? ""),
            ("traffic.sidecar.istio.io/excludeInterfaces", excludedInterfaces ?? ""),
        ] where !value.isEmpty { added[name] = .string(value) }
        return added
    }
}

/// A list of networks for Multus, as names with commas between them or as a JSON list, with one more.
func multusNetworks(_ written: String, adding network: String) -> String {
    let trimmed = written.filter { !$0.isWhitespace }
    guard !trimmed.isEmpty else { return network }
    if let list = try? JSONValue(parsing: written).array {
        let name = network.split(separator: "/").last.map(String.init) ?? network
        let space = network.split(separator: "/").first.map(String.init) ?? ""
        if list.contains(where: { $0["name"]?.string == name }) { return written }
        let added: JSONValue =
            network.contains("/")
            ? ["name": .string(name), "namespace": .string(space)] : ["name": .string(name)]
        return JSONValue.array(list + [added]).jsonText
    }
    let names = trimmed.split(separator: ",").map(String.init)
    let added = network.split(separator: "/").last.map(String.init) ?? network
    let isThere = names.contains { $0 == network || $0 == added }
    return isThere ? written : "\(written), \(network)"
}
