internal import InstallationValues
internal import KubernetesModel

/// A control plane that runs in another cluster and looks after this one too.
struct RemoteControlPlane: Hashable, Sendable {
    /// Where it is: an IP address or a host name; empty where something else leads there.
    var address: String
    /// Whether a control plane of this cluster injects sidecars, which then get everything else from the remote one.
    var injectsHere: Bool
    /// Whether this cluster holds the mesh's configuration.
    var holdsConfiguration: Bool
    var ipFamilies: [String]
    var ipFamilyPolicy: String

    /// Name of the Service that leads to it: the usual one, unless a control plane of this cluster has that.
    func serviceName(besides istiod: String) -> String { injectsHere ? "\(istiod)-remote" : istiod }
}

extension RemoteControlPlane {
    init(reading values: inout ValuesReader) {
        address = values.text("global.remotePilotAddress")
        injectsHere =
            values.bool("istiodRemote.enabledLocalInjectorIstiod")
            || values.bool("pilot.istiodRemote.enabledLocalInjectorIstiod")
        holdsConfiguration = values.bool("global.configCluster")
        ipFamilies = values.texts("global.ipFamilies")
        ipFamilyPolicy = values.text("global.ipFamilyPolicy")
    }
}

/// Where the API server finds a webhook's server.
struct WebhookServer: Hashable, Sendable {
    /// Outside of the cluster; empty for the control plane's Service.
    var url: String
    /// Path at that Service.
    var path: String
    /// Who vouches for the server, as PEM in base64; empty where the control plane itself adds it.
    var caBundle: String

    /// As a webhook has it.
    func clientConfig(service: String, namespace: String) -> JSONValue {
        let target: JSONValue = [
            "name": .string(service), "namespace": .string(namespace), "path": .string(path), "port": 443,
        ]
        return fields([
            "url": JSONValue.string(url).nonEmpty, "service": url.isEmpty ? .some(target) : .none,
            "caBundle": JSONValue.string(caBundle).nonEmpty,
        ])
    }
}
