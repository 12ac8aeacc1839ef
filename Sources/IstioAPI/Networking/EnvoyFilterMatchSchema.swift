internal import KubernetesModel

extension Schema {
    /// `match.cluster` of a patch of an EnvoyFilter.
    static let clusterMatch = object(
        [
            Field("name", string, "Its whole name; then leave out the rest."),
            Field("service", string, "Full name of the service that it is for."),
            Field("subset", string, "Subset of the service."),
            Field("portNumber", uint32, "Port of the service; with inbound clusters, of the workload."),
        ], unknown: .dropped)

    /// `match.listener` of a patch of an EnvoyFilter.
    static let listenerMatch = object(
        [
            Field("name", string, "Its whole name."),
            Field("portNumber", uint32, "The port that traffic is sent to."),
            Field("portName", string, "Without effect."),
            Field("listenerFilter", string, "Name of one of its listener filters."),
            Field("filterChain", filterChainMatch, "One of its filter chains."),
        ], unknown: .dropped)

    private static let filterChainMatch = object(
        [
            Field("name", string, "Its name."),
            Field("sni", string, "Server name that the filter chain is for."),
            Field("transportProtocol", string, "raw_buffer or tls, with context SIDECAR_INBOUND."),
            Field("applicationProtocols", string, "ALPN protocols that it is for, joined by commas, in sidecars."),
            Field("transportSocket", string, "Name of its transport socket."),
            Field("destinationPort", uint32, "Destination port that it is for."),
            Field("filter", filterMatch, "One of its network filters."),
        ], unknown: .dropped)

    private static let filterMatch = object(
        [
            Field("name", string, "Name of the filter, such as envoy.filters.network.http_connection_manager."),
            Field("subFilter", subFilterMatch, "A filter inside of it, such as an HTTP filter."),
        ], unknown: .dropped)

    private static let subFilterMatch = object(
        [Field("name", string, "Name of the filter, such as envoy.filters.http.router.")], unknown: .dropped)

    /// `match.routeConfiguration` of a patch of an EnvoyFilter.
    static let routeConfigurationMatch = object(
        [
            Field("name", string, "Its name: of sidecars, the port or host:port; of gateways, such as http.8080."),
            Field("portNumber", uint32, "Port of the service or of the gateway's server."),
            Field("portName", string, "Name of the gateway's port, with context GATEWAY."),
            Field("gateway", string, "namespace/name of the Gateway that it is for, with context GATEWAY."),
            Field("vhost", virtualHostMatch, "One of its virtual hosts."),
        ], unknown: .dropped)

    private static let virtualHostMatch = object(
        [
            Field("name", string, "Its name, written host:port."),
            Field("domainName", string, "One of its domains."),
            Field("route", virtualHostRouteMatch, "One of its routes."),
        ], unknown: .dropped)

    private static let virtualHostRouteMatch = object(
        [
            Field("name", string, "Its name: that of the VirtualService's route, else default."),
            Field("action", oneOf("ANY", "ROUTE", "REDIRECT", "DIRECT_RESPONSE"), "What it does. Default: ANY."),
        ], unknown: .dropped)

    /// `match.waypoint` of a patch of an EnvoyFilter.
    static let waypointMatch = object(
        [
            Field("portNumber", checkedPort, "Port of the service."),
            Field("filter", filterMatch, "One of the filters."),
            Field("route", waypointRouteMatch, "One of the routes."),
        ], unknown: .dropped)

    private static let waypointRouteMatch = object(
        [Field("name", string, "Its name: that of the route, else default.")], unknown: .dropped)
}
