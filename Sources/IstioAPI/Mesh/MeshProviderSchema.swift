internal import KubernetesModel

extension Schema {
    /// One of `meshConfig.extensionProviders`: a name, and one kind of service.
    static let meshExtensionProvider = object(
        [Field("name", string, "What policies and telemetry call it.", required: true)]
            + kinds.map { name, requiredFields in
                Field(name, object(requiredFields.map { Field($0.0, $0.1, required: true) }, unknown: .allowed))
            })
}

private let service: [(String, Schema)] = [("service", .string), ("port", .port)]

/// Kinds of providers, each with what it cannot do without.
private let kinds: [(String, [(String, Schema)])] = [
    ("datadog", service), ("envoyExtAuthzGrpc", service), ("envoyExtAuthzHttp", service),
    ("envoyFileAccessLog", []), ("envoyHttpAls", service), ("envoyOtelAls", service), ("envoyTcpAls", service),
    ("lightstep", service), ("opencensus", service), ("opentelemetry", service), ("prometheus", []), ("sds", []),
    ("skywalking", service), ("stackdriver", []), ("zipkin", service),
]
