import DiscoveryAPI
import EnvoyAPI
import SwiftProtobuf

/// What a client says about itself in the first request of a stream, as plain values.
///
/// Nothing of it is proven; what is, is the ``PeerIdentity``.
package struct NodeIdentity: Hashable, Sendable {
    /// The id, of Istio's proxies `type~address~name.namespace~domain`.
    package var id: String
    /// The client's own cluster, of Istio's proxies `workload.namespace`.
    package var cluster: String
    /// The metadata, a JSON object in UTF-8.
    package var metadata: [UInt8]
    /// `ISTIO_VERSION` of the metadata.
    package var version: String?
    package var locality: Locality
    package var userAgentName: String
    package var userAgentVersion: String

    /// Where a client runs; parts that are not known are empty.
    package struct Locality: Hashable, Sendable {
        package var region: String
        package var zone: String
        package var subzone: String

        package init(region: String = "", zone: String = "", subzone: String = "") {
            self.region = region
            self.zone = zone
            self.subzone = subzone
        }
    }

    /// A client that says no more than these.
    package init(id: String, cluster: String = "", metadata: [UInt8] = Array("{}".utf8), version: String? = nil) {
        self.id = id
        self.cluster = cluster
        self.metadata = metadata
        self.version = version
        locality = Locality()
        userAgentName = ""
        userAgentVersion = ""
    }
}

extension NodeIdentity {
    /// The plain values of a node.
    ///
    /// - Throws: An error of the library when the metadata has no JSON, as a number that is none.
    init(_ node: Envoy_Config_Core_V3_Node) throws {
        self.init(id: node.id, cluster: node.cluster)
        if node.hasMetadata { metadata = try node.metadata.jsonUTF8Bytes() }
        if case .stringValue(let text)? = node.metadata.fields["ISTIO_VERSION"]?.kind { version = text }
        locality = Locality(
            region: node.locality.region, zone: node.locality.zone, subzone: node.locality.subZone)
        userAgentName = node.userAgentName
        switch node.userAgentVersionType {
        case .userAgentVersion(let text): userAgentVersion = text
        case .userAgentBuildVersion(let build):
            let number = build.version
            userAgentVersion = "\(number.majorNumber).\(number.minorNumber).\(number.patch)"
        case nil: break
        }
    }
}
