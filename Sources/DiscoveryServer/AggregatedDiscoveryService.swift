import DiscoveryAPI
package import GRPCCore
package import Logging
import Synchronization
import XDSServer

/// ADS of both protocols; the ports of a program share one.
package final class AggregatedDiscoveryService: RegistrableRPCService {
    /// Who is connected.
    package let streams: DiscoveryStreams
    let limits: DiscoveryLimits
    let connections: TransportConnections
    private let source: any SnapshotSource
    private let questions: any QuestionAnswering
    private let attendant: any ProxyAttending
    private let controlPlane: String
    private let reports: StreamReports
    /// Differs from other runs and replicas, for the nonces.
    private let instance = String(UInt32.random(in: 0 ... .max), radix: 36)
    private let opened = Atomic<UInt64>(0)

    /// A service without clients.
    ///
    /// - Parameters:
    ///   - source: Gives each client its resources.
    ///   - questions: Answers requests that follow nothing.
    ///   - attendant: Is told who comes and goes.
    ///   - controlPlane: What the server calls itself in responses.
    ///   - limits: What clients may cost.
    ///   - metrics: Where numbers go.
    ///   - logger: Where lines go.
    package init(
        source: any SnapshotSource, questions: any QuestionAnswering = NoQuestions(),
        attendant: any ProxyAttending = NoAttendant(), controlPlane: String = "",
        limits: DiscoveryLimits = DiscoveryLimits(), metrics: DiscoveryMetrics = DiscoveryMetrics(),
        logger: Logger = Logger(label: "ads")
    ) {
        self.source = source
        self.questions = questions
        self.attendant = attendant
        self.controlPlane = controlPlane
        self.limits = limits
        reports = StreamReports(metrics: metrics, logger: logger)
        streams = DiscoveryStreams(limit: limits.streams)
        connections = TransportConnections(
            limit: limits.connections, firstStreamTimeout: limits.firstStreamTimeout, logger: logger)
    }

    /// For ports where anybody may connect.
    package func registerMethods<Transport: ServerTransport>(with router: inout RPCRouter<Transport>) {
        registerMethods(with: &router, authenticator: AnyPeer())
    }

    func registerMethods<Transport: ServerTransport>(
        with router: inout RPCRouter<Transport>, authenticator: any PeerAuthenticator
    ) {
        typealias Method = Envoy_Service_Discovery_V3_AggregatedDiscoveryService.Method
        router.registerHandler(
            forMethod: Method.StreamAggregatedResources.descriptor, deserializer: StateOfTheWorldDeserializer(),
            serializer: ResponseSerializer(variant: .stateOfTheWorld, controlPlane: controlPlane)
        ) { request, context in
            try await self.serve(request, context, .stateOfTheWorld, authenticator)
        }
        router.registerHandler(
            forMethod: Method.DeltaAggregatedResources.descriptor, deserializer: DeltaDeserializer(),
            serializer: ResponseSerializer(variant: .delta, controlPlane: controlPlane)
        ) { request, context in
            try await self.serve(request, context, .delta, authenticator)
        }
    }

    private func serve(
        _ request: StreamingServerRequest<ReceivedRequest>, _ context: ServerContext, _ variant: ProtocolVariant,
        _ authenticator: any PeerAuthenticator
    ) async throws -> StreamingServerResponse<DiscoveryResponse> {
        let peer = await connections.peer(of: context)
        let identity = try await authenticator.authenticate(peer, metadata: request.metadata)
        let stream = makeStream(variant, context, identity)
        return StreamingServerResponse { responses in
            try self.streams.add(stream)
            self.connections.callBegan(context)
            let end = await withRPCCancellationHandler {
                await stream.run(request.messages, responses)
            } onCancelRPC: {
                // A graceful shutdown, or the client's deadline. One that gave up is noticed by its requests.
                stream.drain()
            }
            self.streams.remove(stream)
            self.connections.callEnded(context)
            self.reports.ended(end, node: stream.read { $0.node }, peer: context.remotePeer)
            if case .closed(.acknowledgementTimeout) = end {
                self.connections.closeIfStuck(context, after: self.limits.stream.drainTimeout) {
                    self.reports.writeTimedOut($0)
                }
            }
            // Else the client would open its next stream on the same connection, to the same replica.
            if case .closed(.maximumAge) = end { self.connections.retire(context) }
            if let status = end.status { throw status }
            return [:]
        }
    }

    private func makeStream(
        _ variant: ProtocolVariant, _ context: ServerContext, _ identity: PeerIdentity
    ) -> DiscoveryStream {
        let number = opened.wrappingAdd(1, ordering: .relaxed).newValue
        let now = ContinuousClock.now
        var limits = limits.stream
        limits.maximumAge = limits.maximumAge.map {
            StreamLimits.jittered($0, spread: 0.5, random: Double.random(in: 0...1))
        }
        let machine = ADSStream(
            id: "\(instance)-\(String(number, radix: 36))", variant: variant, limits: limits, now: now)
        return DiscoveryStream(
            machine, peer: context.remotePeer, identity: identity, source: source, questions: questions,
            attendant: attendant, serializer: ResponseSerializer(variant: variant, controlPlane: controlPlane),
            reports: reports, now: now)
    }
}
