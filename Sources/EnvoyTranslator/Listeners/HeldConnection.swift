import EnvoyAPI
import SwiftProtobuf

extension Envoy_Extensions_Filters_Network_TcpProxy_V3_TcpProxy {
    /// Holds a client's connection for a moment while the workload does not listen yet.
    ///
    /// Capture has accepted the connection before anybody knows whether the workload listens. Dropping it then is not
    /// what the client would see without a proxy: a refusal, which it retries at once. A member of a quorum, for one,
    /// believes that it has reached its new leader, and when that drops it waits out a whole election.
    /// A workload that is not there at all is given up after about a second: 10 attempts, and waits of up to 25, 50,
    /// 100, 200 and then 250 ms between them.
    mutating func holdUntilServed() {
        maxConnectAttempts = .init(10)
        backoffOptions = .with {
            $0.baseInterval = .init(.milliseconds(25))
            $0.maxInterval = .init(.milliseconds(250))
        }
    }
}
