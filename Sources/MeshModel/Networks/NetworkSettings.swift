/// What people say of the networks of a mesh (MeshNetworks): who belongs to which, and through what each is entered.
package struct NetworkSettings: Hashable, Sendable {
    /// A gateway of a network.
    package struct Gateway: Hashable, Sendable {
        /// An IP address, a host name that is looked up, or that of a service whose addresses outside of its network count.
        package var host: String
        package var isService: Bool
        package var port: Int

        package init(host: String, isService: Bool, port: Int) {
            self.host = host
            self.isService = isService
            self.port = port
        }
    }

    /// By network.
    package var gateways: [String: [Gateway]] = [:]
    /// Networks by the cluster whose workloads are in them.
    package var ofClusters: [String: String] = [:]
    /// Networks by the addresses that are in them.
    package var ofRanges: [AddressRange: String] = [:]

    package init() {}

    /// The network of an address; nil if nothing is said of it. Of ranges within each other the narrowest counts.
    package func network(ofAddress text: String) -> String? {
        guard !ofRanges.isEmpty, let address = IPAddress(text) else { return nil }
        return ofRanges.filter { $0.key.contains(address) }.max { $0.key.length < $1.key.length }?.value
    }
}
