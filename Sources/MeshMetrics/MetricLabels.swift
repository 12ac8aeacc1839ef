/// Which labels a series has, by the tags that Envoy counts it with.
struct MetricLabels {
    let own: PeerNames

    /// The labels between braces, without the braces.
    ///
    /// - Parameter isTCP: Of a connection, instead of requests.
    func text(_ tags: [(name: String, value: String)], isTCP: Bool) -> String {
        var tags = tags
        var values: [String: String] = [:]
        for tag in tags { values[tag.name] = tag.value }
        let changed = (values[MetricTags.changed] ?? "").split(separator: ",").map(String.init)
        let unsaid = changed.filter { values[$0] == nil }
        if !unsaid.isEmpty {
            for name in unsaid { values[name] = "" }
            // In the order in which Envoy has them where it counts.
            tags = (tags + unsaid.map { (name: $0, value: "") }).sorted { $0.name < $1.name }
        }
        let isClient = values[MetricTags.reporter] == "source"
        let peer = peer(values, isClient: isClient)
        let (source, destination) = isClient ? (own, peer) : (peer, own)

        var labels: [(String, String)] = [(MetricTags.reporter, isClient ? "source" : "destination")]
        labels += workload("source", source, principal: values[MetricTags.sourcePrincipal])
        labels += workload("destination", destination, principal: values[MetricTags.destinationPrincipal])
        let service = MeasuredService(values[MetricTags.services] ?? "")
        let host = values[MetricTags.host] ?? ""
        labels += [
            ("destination_service", service.host.isEmpty ? host : service.host),
            ("destination_service_name", service.name.isEmpty && !host.isEmpty ? Self.blocked : service.name),
            ("destination_service_namespace", service.namespace.isEmpty ? destination.namespace : service.namespace),
        ]
        let status = values[MetricTags.grpcStatus] ?? ""
        let isGRPC = !status.isEmpty || values[MetricTags.messages] != nil
        labels.append(("request_protocol", isTCP ? "tcp" : isGRPC ? "grpc" : "http"))
        if !isTCP {
            labels.append((MetricTags.responseCode, values[MetricTags.responseCode] ?? ""))
            labels.append((MetricTags.grpcStatus, status))
        }
        labels.append((MetricTags.responseFlags, values[MetricTags.responseFlags] ?? "-"))
        labels.append((MetricTags.securityPolicy, values[MetricTags.securityPolicy] ?? ""))

        let removed = Set((values[MetricTags.removed] ?? "").split(separator: ",").map(String.init))
        var parts: [String] = []
        for (name, value) in labels where !removed.contains(name) {
            let known = Self.own.contains(name) ? value : values[name] ?? value
            let isKnown = !known.isEmpty || name == MetricTags.grpcStatus
            parts.append(MetricSample.text(name, isKnown ? known : "unknown"))
        }
        let standard = Set(labels.map(\.0))
        for tag in tags where !standard.contains(tag.name) && !Self.inner.contains(tag.name) {
            parts.append(MetricSample.text(tag.name, tag.value.isEmpty ? "unknown" : tag.value))
        }
        return parts.joined(separator: ",")
    }

    /// What the other side is called: by the control plane, else by itself as far as its certificate vouches for it. What
    /// the control plane says of an address counts as it is: whoever looked it up has compared it with the certificate.
    private func peer(_ values: [String: String], isClient: Bool) -> PeerNames {
        if isClient, let names = values[MetricTags.endpoint].flatMap({ PeerNames($0) }) { return names }
        if !isClient, let names = values[MetricTags.located].flatMap({ PeerNames($0) }) { return names }
        let principal = values[isClient ? MetricTags.destinationPrincipal : MetricTags.sourcePrincipal] ?? ""
        guard let namespace = namespace(ofPrincipal: principal) else { return PeerNames() }
        guard let names = values[MetricTags.peer].flatMap({ PeerNames($0) }), names.namespace == namespace else {
            return PeerNames(namespace: namespace)
        }
        return names
    }

    private func workload(_ side: String, _ names: PeerNames, principal: String?) -> [(String, String)] {
        [
            ("\(side)_workload", names.workload), ("\(side)_workload_namespace", names.namespace),
            ("\(side)_principal", principal ?? ""), ("\(side)_app", names.app), ("\(side)_version", names.version),
            ("\(side)_cluster", names.clusterID), ("\(side)_canonical_service", names.canonicalName),
            ("\(side)_canonical_revision", names.canonicalRevision.isEmpty ? "latest" : names.canonicalRevision),
        ]
    }

    /// What is called where nobody may call: it has no cluster that could say so.
    private static let blocked = "BlackHoleCluster"

    /// Labels that no tag of Envoy's can change.
    private static let own: Set<String> = [MetricTags.reporter]

    /// Tags that are no labels.
    private static let inner: Set<String> = [
        MetricTags.peer, MetricTags.endpoint, MetricTags.located, MetricTags.services, MetricTags.host,
        MetricTags.messages, MetricTags.removed, MetricTags.changed, MetricTags.onlyClosed, MetricTags.responseCode,
        MetricTags.grpcStatus,
    ]
}
