import KubernetesModel

extension ExtensionProviders {
    /// Prometheus, which asks proxies for their metrics: there without being configured.
    package static let builtInMetrics = "prometheus"
}

extension MeshSettings {
    /// Whether metrics for this provider are taken where they arise, and asked for there.
    package func isPrometheus(_ provider: String) -> Bool {
        if let known = extensionProviders[provider] { return known["prometheus"] != nil }
        return provider == ExtensionProviders.builtInMetrics
    }

    /// What is measured where no Telemetry says anything; nil: nothing.
    var metricsPolicy: MetricsPolicy? { defaultProviders.metrics.contains(where: isPrometheus) ? .standard : nil }
}

extension MeshSnapshot {
    /// Whether anybody measures traffic, so that workloads tell each other what they are called.
    package var measuresTraffic: Bool {
        settings.metricsPolicy != nil
            || configuration.telemetries.values.contains { telemetry in
                telemetry.metrics.contains { $0.providers.contains(where: settings.isPrometheus) }
            }
    }

    /// What is measured of one side; nil: nothing.
    ///
    /// - Parameter rules: The most general first.
    func metrics(_ rules: [MetricsRule], _ side: TrafficSide) -> MetricsPolicy? {
        var providers = settings.defaultProviders.metrics
        var policies: [String: MetricsPolicy] = [:]
        for rule in rules {
            if !rule.providers.isEmpty { providers = rule.providers }
            for provider in providers where settings.isPrometheus(provider) {
                if let interval = rule.reportingInterval {
                    policies[provider, default: .standard].reportingInterval = interval
                }
                for override in rule.overrides {
                    policies[provider, default: .standard].apply(override, on: side)
                }
            }
        }
        // Prometheus is one, whatever names it goes by.
        guard let provider = providers.first(where: settings.isPrometheus) else { return nil }
        return policies[provider] ?? .standard
    }
}
