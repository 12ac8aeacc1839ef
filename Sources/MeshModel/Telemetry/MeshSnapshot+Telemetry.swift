import KubernetesModel

/// A workload whose telemetry is asked for.
package struct TelemetrySubject: Hashable, Sendable {
    package var namespace: String
    package var labels: [String: String]
    package var canonicalName: String
    package var canonicalRevision: String
    package var clusterID: String

    package init(
        namespace: String, labels: [String: String], canonicalName: String, canonicalRevision: String, clusterID: String
    ) {
        self.namespace = namespace
        self.labels = labels
        self.canonicalName = canonicalName
        self.canonicalRevision = canonicalRevision
        self.clusterID = clusterID
    }

    package init(_ view: ProxyView) {
        self.init(
            namespace: view.identity.namespace, labels: view.labels, canonicalName: view.canonicalName,
            canonicalRevision: view.canonicalRevision, clusterID: view.clusterID)
    }
}

extension MeshSnapshot {
    /// What is told about one side of a workload's traffic: what the mesh says, then its namespace, then what selects it.
    /// On each level the oldest Telemetry counts.
    package func telemetry(_ side: TrafficSide, of subject: TelemetrySubject) -> EffectiveTelemetry {
        let defaults = settings.defaultProviders
        guard
            !configuration.telemetries.isEmpty || !defaults.accessLogging.isEmpty || !defaults.tracing.isEmpty
                || settings.isTracingEnabled
        else { return EffectiveTelemetry(settings) }
        let levels = telemetries(for: subject)
        return EffectiveTelemetry(
            accessLogs: accessLogs(levels.map { $0.accessLogging.filter { $0.sides.contains(side) } }),
            tracing: tracing(levels.flatMap { $0.tracing.filter { $0.sides.contains(side) } }, of: subject),
            metrics: metrics(levels.flatMap(\.metrics), side), exchangesNames: measuresTraffic)
    }

    /// Whether spans name the workload, so that workloads of one namespace differ in what they send.
    package var tracesWorkloads: Bool {
        settings.isTracingEnabled || !settings.defaultProviders.tracing.isEmpty
            || configuration.telemetries.values.contains { !$0.tracing.isEmpty }
    }

    private func telemetries(for subject: TelemetrySubject) -> [Telemetry] {
        var root: Telemetry?
        var namespace: Telemetry?
        var workload: Telemetry?
        for telemetry in configuration.telemetries.values {
            func isBefore(_ other: Telemetry?) -> Bool { other.map { telemetry.origin < $0.origin } ?? true }
            let place = telemetry.origin.namespace
            if telemetry.target == .workloads([:]) {
                if place == settings.rootNamespace, isBefore(root) { root = telemetry }
                if place == subject.namespace, place != settings.rootNamespace, isBefore(namespace) {
                    namespace = telemetry
                }
            } else if place == subject.namespace || telemetry.target.isOfResources,
                telemetry.target.includes(
                    subject.labels, isOwn: place == subject.namespace, isRoot: place == settings.rootNamespace),
                isBefore(workload)
            {
                workload = telemetry
            }
        }
        return [root, namespace, workload].compactMap(\.self)
    }

    /// - Parameter levels: The rules of each, the most general first.
    private func accessLogs(_ levels: [[AccessLoggingRule]]) -> [AccessLogSink] {
        var providers = settings.defaultProviders.accessLogging
        // The log that mesh settings name by its file goes by the name of the built-in provider.
        if providers.isEmpty, !settings.accessLog.file.isEmpty { providers = [ExtensionProviders.builtInLog] }
        var enabled = Dictionary(providers.map { ($0, "") }) { first, _ in first }
        for rules in levels where !rules.isEmpty {
            let named = rules.flatMap(\.providers)
            if !named.isEmpty {
                providers = named
                enabled = enabled.filter { named.contains($0.key) }
            }
            for rule in rules {
                for name in rule.providers.isEmpty ? providers : rule.providers {
                    enabled[name] = rule.isDisabled ? nil : rule.filter
                }
            }
        }
        return enabled.sorted { $0.key < $1.key }.compactMap { name, filter in
            guard var sink = accessLog(named: name) else { return nil }
            sink.filter = filter
            return sink
        }
    }

    /// - Parameter rules: The most general first.
    private func tracing(_ rules: [TracingRule], of subject: TelemetrySubject) -> TracingPolicy {
        var policy = EffectiveTelemetry(settings).tracing
        var name = settings.defaultProviders.tracing.first
        var namesWorkload = true
        for rule in rules {
            if let named = rule.providers.first { name = named }
            if let sampling = rule.sampling { policy.sampling = sampling }
            if let isDisabled = rule.isDisabled { policy.isDisabled = isDisabled }
            if let usesRequestID = rule.usesRequestID { policy.usesRequestID = usesRequestID }
            if let hidesContext = rule.hidesContext { policy.hidesContext = hidesContext }
            if let wanted = rule.namesWorkload { namesWorkload = wanted }
            if !rule.tags.isEmpty { policy.tags = rule.tags }
        }
        if let name { policy.provider = tracer(named: name) }
        if policy.provider != nil { policy.serviceName = "\(subject.canonicalName).\(subject.namespace)" }
        if namesWorkload, policy.provider != nil || settings.isTracingEnabled {
            policy.tags.merge(
                [
                    "istio.canonical_service": .literal(subject.canonicalName),
                    "istio.canonical_revision": .literal(subject.canonicalRevision),
                    "istio.namespace": .literal(subject.namespace),
                    "istio.cluster_id": .literal(subject.clusterID),
                    "istio.mesh_id": .literal(settings.trustDomain),
                ]
            ) { own, _ in own }
        }
        return policy
    }
}
