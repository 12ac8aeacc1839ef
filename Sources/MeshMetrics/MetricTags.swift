/// The names that Envoy's counts have before the page is rewritten.
package enum MetricTags {
    /// Of all counts: `mesh.istio_requests_total` is `envoy_mesh_istio_requests_total` on Envoy's page.
    package static let prefix = "mesh"

    /// `source` or `destination`: which side counts.
    package static let reporter = "reporter"
    /// The names of the workload on the other side, as it says itself.
    package static let peer = "mesh_peer"
    /// The same of the endpoint that was called, as the control plane says.
    package static let endpoint = "mesh_endpoint"
    /// The same of the client, as the control plane says of the address that it calls from.
    package static let located = "mesh_located"
    package static let sourcePrincipal = "source_principal"
    package static let destinationPrincipal = "destination_principal"
    /// The services of the cluster that was called, as JSON.
    package static let services = "mesh_services"
    /// The host that was asked for, where no service is known.
    package static let host = "mesh_host"
    package static let responseCode = "response_code"
    package static let responseFlags = "response_flags"
    package static let grpcStatus = "grpc_response_status"
    package static let securityPolicy = "connection_security_policy"
    /// A count of calls that stands for the messages of gRPC in both directions.
    package static let bothMessages = "istio_messages"
    /// How many messages one call of gRPC had: `requests,responses`.
    package static let messages = "mesh_messages"
    /// Labels that are left out, between commas.
    package static let removed = "mesh_removed"
    /// Labels that a Telemetry puts in, between commas: Envoy tells agents nothing of those that are empty.
    package static let changed = "mesh_changed"
    /// There for connections whose beginning nobody counts.
    package static let onlyClosed = "mesh_only_closed"

    /// In node metadata: what an Envoy tells peers that its workload is called (`PeerNames.text`).
    package static let nodeMetadata = "TELEMETRY_PEER"
    /// In node metadata: the cluster of the agent that counts connections, where there is one. Envoy tells it of them,
    /// and does not count them itself.
    package static let nodeConnectionLog = "TELEMETRY_CONNECTIONS"
    /// The same of an agent that counts requests by clients without a name, too.
    package static let nodeRequestLog = "TELEMETRY_REQUESTS"
    /// The header in which sidecars tell each other what their workloads are called. None ever leaves the mesh or gets to
    /// an application.
    package static let header = "x-mesh-peer"
}
