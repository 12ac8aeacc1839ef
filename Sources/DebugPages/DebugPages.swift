import KubernetesModel

extension DebugPage {
    /// All pages, in the order of the index.
    static let all: [DebugPage] = [
        DebugPage("adsz", "Connected clients, and what each follows.", answer: adsz),
        DebugPage(
            "authorizationz", "AuthorizationPolicies, all or those that a proxy may have: ?proxyID=",
            answer: authorizationz),
        DebugPage("cachez", "Encoded resources, each kept once: names by type, or bytes: ?sizes", answer: cachez),
        DebugPage("clusterz", "Clusters that this control plane looks at.", answer: clusterz),
        DebugPage(
            "config_dump", "What a proxy is to have, as Envoy dumps it: ?proxyID=POD.NAMESPACE", answer: configDump),
        DebugPage("configz", "Objects that configure the mesh: ?kind= ?namespace=", answer: configz),
        DebugPage("connections", "Connected clients.", answer: connections),
        DebugPage("ecdsz", "Extensions of a proxy: ?proxyID=", answer: ecdsz),
        DebugPage("edsz", "Endpoints of a proxy: ?proxyID=", answer: edsz),
        DebugPage(
            "endpointShardz", "Endpoints by host, namespace and source: ?service=HOST", answer: endpointShardz),
        DebugPage("endpointz", "Endpoints of the mesh's services: ?service=HOST", answer: endpointz),
        DebugPage("inject", "The templates that Pods are injected by.", answer: inject),
        DebugPage("instancesz", "Which services' endpoints each connected proxy is.", answer: instancesz),
        DebugPage("mcsz", "Services of the multi-cluster API: none.", answer: mcsz),
        DebugPage("mesh", "The mesh's settings.", answer: mesh),
        DebugPage("ndsz", "Names that a proxy's DNS answers: ?proxyID=", answer: ndsz),
        DebugPage("networkz", "Gateways between networks.", answer: networkz),
        DebugPage("push_status", "What proxies refused, and what is wrong with objects.", answer: pushStatus),
        DebugPage("pushcontext", "Policies and gateways that count for all proxies.", answer: pushcontext),
        DebugPage("registryz", "The mesh's services.", answer: registryz),
        DebugPage(
            "resourcesz", "The kinds of objects that configure the mesh, as far as installed.", answer: resourcesz),
        DebugPage("sidecarz", "What a proxy can reach: ?proxyID=", answer: sidecarz),
        DebugPage(
            "syncz",
            "What each proxy was sent and has acknowledged: ?proxyID= ?service=HOST ?endpoints=false",
            answer: syncz),
        DebugPage("telemetryz", "Telemetries, all or those that a proxy may have: ?proxyID=", answer: telemetryz),
        DebugPage(
            "force_disconnect", "Has a proxy connect anew, where UNSAFE_ENABLE_ADMIN_ENDPOINTS is set: ?proxyID=",
            answer: forceDisconnect),
        DebugPage("list", "The names of these pages.") { _ in .json(JSONValue(names)) },
    ]

    /// Those that only show something.
    static let names = all.map(\.name).filter { !["list", "force_disconnect"].contains($0) }

    /// For people who come without a path.
    static let index = all.map { page in
        "/debug/\(page.name)\(String(repeating: " ", count: max(1, 17 - page.name.count)))\(page.summary)\n"
    }.joined()

    private static let byName = Dictionary(all.map { ($0.name, $0) }) { first, _ in first }

    /// The page of a name; nil if there is none.
    static func named(_ name: String) -> DebugPage? { byName[name] }
}
