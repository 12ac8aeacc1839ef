import AgentRuntime
import AgentTelemetry
import DiscoveryAPI
import SwiftProtobuf

extension RelayResponse {
    /// An answer that came without names, under those that were asked for: a workload says which addresses it has. Who
    /// is not among them, is not there.
    ///
    /// - Parameter names: Such as `NETWORK/ADDRESS`.
    func named(as names: [String]) -> RelayResponse {
        var found: [[UInt8]: RelayResource] = [:]
        for resource in resources {
            let message = try? Istio_Workload_Address(serializedBytes: resource.resource.value)
            for address in message?.workload.addresses ?? [] { found[Array(address)] = resource }
        }
        var answer = self
        answer.resources = []
        for name in names {
            guard let place = IPAddress(PeerAnswers.address(name)), var resource = found[place.bytes] else {
                answer.removed.append(name)
                continue
            }
            resource.name = name
            answer.resources.append(resource)
        }
        return answer
    }
}
