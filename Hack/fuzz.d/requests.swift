import DiscoveryAPI
import EnvoyAPI
import SwiftProtobuf
import XDSServer

/// Any bytes as a conversation of xDS: pieces, each behind two bytes of its length, of either protocol.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzRequests(_ data: UnsafePointer<UInt8>, _ count: Int) -> CInt {
    var rest = UnsafeBufferPointer(start: data, count: count)[...]
    guard let first = rest.popFirst() else { return 0 }
    let variant = first & 1 == 0 ? ProtocolVariant.stateOfTheWorld : .delta
    var limits = StreamLimits()
    limits.names = 100
    limits.requestBurst = .greatestFiniteMagnitude
    var now = start
    var stream = ADSStream(id: "s", variant: variant, limits: limits, now: now)
    while rest.count > 2, !stream.isClosed {
        let length = min(Int(rest[rest.startIndex]) << 8 | Int(rest[rest.startIndex + 1]), rest.count - 2)
        let piece = Array(rest.dropFirst(2).prefix(length))
        rest = rest.dropFirst(2 + length)
        guard let (request, node) = read(piece, variant) else { continue }
        _ = node.flatMap { try? NodeIdentity($0) }
        now += .milliseconds(1)
        _ = stream.receive(request, now: now)
        _ = stream.tick(now: now)
        precondition(stream.status.types.count <= limits.types, "more types than the limit")
    }
    return 0
}

private let start = ContinuousClock.now

private func read(
    _ bytes: [UInt8], _ variant: ProtocolVariant
) -> (DiscoveryRequest, Envoy_Config_Core_V3_Node?)? {
    if variant == .delta {
        guard let message = try? Envoy_Service_Discovery_V3_DeltaDiscoveryRequest(serializedBytes: bytes) else {
            return nil
        }
        let node = message.hasNode ? message.node : nil
        return (
            DiscoveryRequest(
                TypeURL(rawValue: message.typeURL), nonce: message.responseNonce,
                errorMessage: message.hasErrorDetail ? message.errorDetail.message : nil,
                node: node.map { ClientNode(id: $0.id) },
                asked: .delta(
                    subscribe: message.resourceNamesSubscribe, unsubscribe: message.resourceNamesUnsubscribe,
                    initialVersions: message.initialResourceVersions)), node
        )
    }
    guard let message = try? Envoy_Service_Discovery_V3_DiscoveryRequest(serializedBytes: bytes) else { return nil }
    let node = message.hasNode ? message.node : nil
    return (
        DiscoveryRequest(
            TypeURL(rawValue: message.typeURL), nonce: message.responseNonce,
            errorMessage: message.hasErrorDetail ? message.errorDetail.message : nil,
            node: node.map { ClientNode(id: $0.id) },
            asked: .stateOfTheWorld(version: message.versionInfo, names: message.resourceNames)), node
    )
}
