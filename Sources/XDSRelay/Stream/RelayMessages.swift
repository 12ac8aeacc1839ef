import DiscoveryAPI
import EnvoyAPI
import SwiftProtobuf
import XDSServer

/// A resource with its name and version, in the envelope that it came in.
typealias RelayResource = Envoy_Service_Discovery_V3_Resource

/// A request of the proxy, of either protocol.
struct RelayRequest: Hashable, Sendable {
    enum Asked: Hashable, Sendable {
        case whole(version: String, names: [String])
        case delta(subscribe: [String], unsubscribe: [String], initialVersions: [String: String])
    }

    var typeURL: TypeURL
    var nonce = ""
    /// Why a response was refused; nil: it was not.
    var error: Google_Rpc_Status?
    /// Who asks; needed in the first request of a stream.
    var node: Envoy_Config_Core_V3_Node?
    var asked: Asked

    var variant: ProtocolVariant {
        switch asked {
        case .whole: .stateOfTheWorld
        case .delta: .delta
        }
    }
}

/// A response of the control plane, of either protocol.
struct RelayResponse: Hashable, Sendable {
    var typeURL: TypeURL
    var nonce: String
    var version: String
    var resources: [RelayResource]
    /// Delta: names of what is gone or was never there.
    var removed: [String] = []
    var controlPlane: Envoy_Config_Core_V3_ControlPlane?

    var names: [String] { resources.map(\.name) + removed }
}

/// Why the agent refuses a response in the proxy's name.
struct RelayRefusal: Error, Hashable, Sendable {
    var reason: String
    /// Another try may end well, though nobody sends anything else.
    var mayPass = false
}

extension RelayRequest {
    init(_ message: Envoy_Service_Discovery_V3_DiscoveryRequest) {
        self.init(
            typeURL: TypeURL(rawValue: message.typeURL), nonce: message.responseNonce,
            error: message.hasErrorDetail ? message.errorDetail : nil, node: message.hasNode ? message.node : nil,
            asked: .whole(version: message.versionInfo, names: message.resourceNames))
    }

    init(_ message: Envoy_Service_Discovery_V3_DeltaDiscoveryRequest) {
        self.init(
            typeURL: TypeURL(rawValue: message.typeURL), nonce: message.responseNonce,
            error: message.hasErrorDetail ? message.errorDetail : nil, node: message.hasNode ? message.node : nil,
            asked: .delta(
                subscribe: message.resourceNamesSubscribe, unsubscribe: message.resourceNamesUnsubscribe,
                initialVersions: message.initialResourceVersions))
    }
}

extension RelayResponse {
    /// Resources of this protocol come without names; theirs is the first field of every kind.
    init(_ message: Envoy_Service_Discovery_V3_DiscoveryResponse) {
        self.init(
            typeURL: TypeURL(rawValue: message.typeURL), nonce: message.nonce, version: message.versionInfo,
            resources: message.resources.map { body in
                .with {
                    $0.name = ResourceName.read(body.value) ?? ""
                    $0.version = message.versionInfo
                    $0.resource = body
                }
            }, controlPlane: message.hasControlPlane ? message.controlPlane : nil)
    }

    init(_ message: Envoy_Service_Discovery_V3_DeltaDiscoveryResponse) {
        self.init(
            typeURL: TypeURL(rawValue: message.typeURL), nonce: message.nonce, version: message.systemVersionInfo,
            resources: message.resources, removed: message.removedResources,
            controlPlane: message.hasControlPlane ? message.controlPlane : nil)
    }
}

extension Envoy_Service_Discovery_V3_DiscoveryRequest {
    init(_ request: RelayRequest) {
        self = .with {
            $0.typeURL = request.typeURL.rawValue
            $0.responseNonce = request.nonce
            if let error = request.error { $0.errorDetail = error }
            if let node = request.node { $0.node = node }
            guard case .whole(let version, let names) = request.asked else { return }
            $0.versionInfo = version
            $0.resourceNames = names
        }
    }
}

extension Envoy_Service_Discovery_V3_DeltaDiscoveryRequest {
    init(_ request: RelayRequest) {
        self = .with {
            $0.typeURL = request.typeURL.rawValue
            $0.responseNonce = request.nonce
            if let error = request.error { $0.errorDetail = error }
            if let node = request.node { $0.node = node }
            guard case .delta(let subscribe, let unsubscribe, let initialVersions) = request.asked else { return }
            $0.resourceNamesSubscribe = subscribe
            $0.resourceNamesUnsubscribe = unsubscribe
            $0.initialResourceVersions = initialVersions
        }
    }
}

extension Envoy_Service_Discovery_V3_DiscoveryResponse {
    init(_ response: RelayResponse) {
        self = .with {
            $0.typeURL = response.typeURL.rawValue
            $0.nonce = response.nonce
            $0.versionInfo = response.version
            $0.resources = response.resources.map(\.resource)
            if let controlPlane = response.controlPlane { $0.controlPlane = controlPlane }
        }
    }
}

extension Envoy_Service_Discovery_V3_DeltaDiscoveryResponse {
    init(_ response: RelayResponse) {
        self = .with {
            $0.typeURL = response.typeURL.rawValue
            $0.nonce = response.nonce
            $0.systemVersionInfo = response.version
            $0.resources = response.resources
            $0.removedResources = response.removed
            if let controlPlane = response.controlPlane { $0.controlPlane = controlPlane }
        }
    }
}
