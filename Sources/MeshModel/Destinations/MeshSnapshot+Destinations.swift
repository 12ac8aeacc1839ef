extension MeshSnapshot {
    /// The rule for calls of a service; nil if there is none.
    ///
    /// - Parameters:
    ///   - service: The one that is called.
    ///   - namespace: Of the client.
    ///   - labels: Of the client: those named by `MeshConfiguration.clientLabelKeys` are enough.
    package func destinationRule(
        for service: ServiceKey, from namespace: String, labels: [String: String]
    ) -> DestinationRule? {
        configuration.destinationRules.rule(
            for: service.hostname, in: service.namespace, from: namespace, labels: labels,
            root: settings.rootNamespace)
    }
}
