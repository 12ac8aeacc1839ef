import KubernetesModel

extension DebugPage {
    /// All pages, in the order of the index.
    static let all: [DebugPage] = [
        DebugPage("adsz", "Connected clients, and what each follows.", answer: adsz),
        DebugPage("clusterz", "Clusters that this control plane looks at.", answer: clusterz),
        DebugPage(
            "config_dump", "What a proxy is to have, as Envoy dumps it: ?proxyID=POD.NAMESPACE", answer: configDump),
        DebugPage("configz", "Objects that configure the mesh: ?kind= ?namespace=", answer: configz),
        DebugPage("connections", "Connected clients.", answer: connections),
        DebugPage("ecdsz", "Extensions of a proxy: ?proxyID=", answer: ecdsz),
        DebugPage("edsz", "Endpoints of a proxy: ?proxyID=", answer: edsz),
        DebugPage("endpointz", "Endpoints of the mesh's services: ?service=HOST", answer: endpointz),
        DebugPage("instancesz", "Which services' endpoints each connected proxy is.", answer: instancesz),
        DebugPage("mesh", "The mesh's settings.", answer: mesh),
        DebugPage("ndsz", "Names that a proxy's DNS answers: ?proxyID=", answer: ndsz),
        DebugPage("push_status", "What proxies refused, and what is wrong with objects.", answer: pushStatus),
        DebugPage("registryz", "The mesh's services.", answer: registryz),
        DebugPage(
            "syncz",
            "What each proxy was sent and has acknowledged: ?proxyID= ?service=HOST ?endpoints=false",
            answer: syncz),
        DebugPage("list", "The names of these pages.") { _ in .json(JSONValue(names)) },
    ]

    static let names = all.map(\.name).filter { $0 != "list" }

    /// For people who come without a path.
    static let index = all.map { page in
        "/debug/\(page.name)\(String(repeating: " ", count: max(1, 14 - page.name.count)))\(page.summary)\n"
    }.joined()

    private static let byName = Dictionary(all.map { ($0.name, $0) }) { first, _ in first }

    /// The page of a name; nil if there is none.
    static func named(_ name: String) -> DebugPage? { byName[name] }
}
