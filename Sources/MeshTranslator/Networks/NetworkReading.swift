import KubernetesModel
package import MeshModel

/// MeshNetworks, the ConfigMap's key `meshNetworks`. Parts that make no sense are left out, and told.
///
/// - Parameter yaml: Nil if there are none.
package func networkSettings(_ yaml: String?) -> Translated<NetworkSettings> {
    guard let yaml else { return Translated(NetworkSettings()) }
    let documents: [JSONValue]
    do {
        documents = try JSONValue.documents(yaml: yaml)
    } catch {
        let message = "cannot be read as YAML, so that no network counts: \(error)"
        return Translated(NetworkSettings(), diagnostics: [Diagnostic(path: root, message: message)])
    }
    var reading = NetworkReading()
    for (name, network) in (documents.first?["networks"]?.object ?? [:]).sorted(by: { $0.key < $1.key }) {
        reading.read(network, named: name)
    }
    return Translated(reading.settings, diagnostics: reading.diagnostics)
}

private let root = "data.meshNetworks"

private struct NetworkReading {
    var settings = NetworkSettings()
    var diagnostics: [Diagnostic] = []

    mutating func read(_ network: JSONValue, named name: String) {
        let path = FieldPath.field(name, of: "\(root).networks")
        for (index, endpoints) in (network["endpoints"]?.array ?? []).enumerated() {
            let path = FieldPath.element(index, of: "\(path).endpoints")
            if let cluster = endpoints["fromRegistry"]?.string {
                settings.ofClusters[cluster] = name
            } else if let text = endpoints["fromCidr"]?.string, let range = AddressRange(text) {
                settings.ofRanges[range] = name
            } else {
                report(path, "must have fromRegistry, the name of a cluster, or fromCidr, such as 10.0.0.0/8")
            }
        }
        for (index, gateway) in (network["gateways"]?.array ?? []).enumerated() {
            let path = FieldPath.element(index, of: "\(path).gateways")
            guard let port = gateway["port"]?.integer.flatMap({ Int(exactly: $0) }), isPort(port) else {
                report("\(path).port", "is required, from 1 to 65535")
                continue
            }
            if let service = gateway["registryServiceName"]?.string {
                settings.gateways[name, default: []].append(
                    .init(host: service.lowercased(), isService: true, port: port))
            } else if let address = gateway["address"]?.string, IPAddress(address) != nil || isHostName(address) {
                settings.gateways[name, default: []].append(
                    .init(host: address.lowercased(), isService: false, port: port))
            } else {
                report(
                    "\(path).address",
                    "must be an IP address or a host name, unless registryServiceName names a service")
            }
        }
    }

    private mutating func report(_ path: String, _ message: String) {
        diagnostics.append(Diagnostic(path: path, message: message))
    }
}
