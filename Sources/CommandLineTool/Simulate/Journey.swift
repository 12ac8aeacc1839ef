import EnvoyAPI
import EnvoyTranslator
import KubernetesModel
import MeshModel
import TrafficSimulator

/// The way of a call through the proxies that it meets.
struct Journey {
    /// What one proxy does with it.
    struct Hop {
        /// Such as `out of productpage.default`.
        var title: String
        var proxy: String
        var simulation: Simulation
        /// How it ends here; empty if it goes on to another proxy.
        var end: String
    }

    var request: RequestedCall
    /// What had to be assumed.
    var notes: [String] = []
    var hops: [Hop] = []
    /// Where steps come from, by object.
    private(set) var places: [StepOrigin: Place] = [:]

    init(of request: RequestedCall, from: ProxyName, in mesh: MeshFiles) throws {
        self.request = request
        let client = mesh.proxy(from)
        notes += [client.note].compactMap { $0 }
        let call: Call
        if client.proxy.kind == .router {
            // Who calls a gateway calls a port of its Service.
            let view = mesh.snapshot.view(of: client.proxy)
            let port = view.inbound.first { $0.port.number == request.port }?.targetPort ?? request.port
            call = request.call(to: client.proxy.addresses[0], port: port, capture: .gateway)
            if port != request.port {
                notes.append("port \(request.port) of its Service is port \(port) of the gateway")
            }
        } else {
            let destination = Destination(of: request.host, for: client.proxy, in: mesh.snapshot)
            call = request.call(to: destination.address, port: request.port, capture: .outbound)
            notes.append("\(request.host) is \(destination.address): \(destination.words)")
        }
        try follow(call, through: client.proxy, in: mesh, share: "")
        locateOrigins(in: mesh)
    }

    private mutating func follow(_ call: Call, through proxy: Proxy, in mesh: MeshFiles, share: String) throws {
        let resources = try mesh.resources(for: proxy)
        let configuration = ProxyConfiguration(resources.values.joined().map(\.message))
        var result = simulation(of: call, through: configuration)
        let index = hops.count
        let name = "\(proxy.name).\(proxy.workloadNamespace)"
        let way =
            call.capture == .inbound
            ? "into \(name)" : call.capture == .outbound ? "out of \(name)" : "at gateway \(name)"
        hops.append(
            Hop(title: way + share, proxy: name, simulation: result, end: result.end(inbound: call.capture == .inbound))
        )
        guard call.capture != .inbound, case .forwarded(let clusters) = result.outcome else { return }
        for cluster in clusters {
            guard let message = configuration.clusters[cluster.name] else { continue }
            let service = message.edsClusterConfig.serviceName
            let assignment = resources[Envoy_Config_Endpoint_V3_ClusterLoadAssignment.typeURL]?
                .first { $0.name == (service.isEmpty ? cluster.name : service) }?.message
            let reached = upstreams(
                of: message, assignment: assignment as? Envoy_Config_Endpoint_V3_ClusterLoadAssignment, call: call)
            result.steps.append(endpointStep(reached, of: cluster.name))
            hops[index].simulation = result
            guard let next = reached.first, let server = mesh.server(at: next.address) else { continue }
            hops[index].end = ""
            let share = clusters.count > 1 ? " (\(cluster.weight) of \(clusters.reduce(0) { $0 + $1.weight }))" : ""
            guard server.hasProxy else {
                hops[index].end =
                    "arrives at \(server.proxy.name).\(server.proxy.namespace):\(next.port), which has no proxy"
                continue
            }
            try follow(
                call.arriving(at: next, from: proxy, result, trustDomain: mesh.snapshot.settings.trustDomain),
                through: server.proxy, in: mesh, share: share)
        }
    }

    private func endpointStep(_ upstreams: [Upstream], of cluster: String) -> SimulationStep {
        guard let first = upstreams.first else {
            return SimulationStep(.endpoint, "", "\(cluster) has no endpoint: requests are answered with 503")
        }
        let security =
            switch first.security {
            case .plaintext: "plaintext"
            case .tls: "TLS to \(first.serverName)"
            case .mtls: "mutual TLS"
            }
        let count = upstreams.count == 1 ? "the only endpoint of \(cluster)" : "one of \(upstreams.count) of \(cluster)"
        return SimulationStep(.endpoint, "\(first.address):\(first.port)", "\(count), by \(security)")
    }

    // MARK: Where it comes from

    /// Finds the field and the place in the files of each step's object.
    private mutating func locateOrigins(in mesh: MeshFiles) {
        for hop in hops.indices {
            for index in hops[hop].simulation.steps.indices {
                let step = hops[hop].simulation.steps[index]
                guard var origin = step.origin, let document = mesh.document(of: origin.object) else { continue }
                if origin.field.isEmpty, step.kind == .route {
                    origin.field = document.object.fieldOfRoute(named: step.name)
                }
                hops[hop].simulation.steps[index].origin = origin
                places[origin] = document.place(of: origin.field)
            }
        }
    }
}

extension UnstructuredObject {
    /// The field of a VirtualService that a route was made from, as far as its name tells.
    fileprivate func fieldOfRoute(named name: String) -> String {
        let routes = json["spec", "http"]?.array ?? []
        if routes.count == 1 { return "spec.http[0]" }
        let own = name.split(separator: ".").first.map(String.init) ?? name
        let index = routes.firstIndex { !name.isEmpty && ($0["name"]?.string == name || $0["name"]?.string == own) }
        return index.map { "spec.http[\($0)]" } ?? ""
    }
}

extension MeshFiles {
    /// The proxy in front of a workload, and whether it really has one.
    fileprivate func server(at address: String) -> (proxy: Proxy, hasProxy: Bool)? {
        guard let workload = snapshot.workloads[address], let name = ProxyName(workload) else { return nil }
        let found = proxy(name)
        return (found.proxy, workload.isMutualTLS || found.proxy.kind == .router)
    }
}

extension ProxyName {
    fileprivate init?(_ workload: Workload) { self.init(argument: "\(workload.name).\(workload.namespace)") }
}

extension Call {
    /// This call as it comes to an endpoint's proxy.
    fileprivate func arriving(
        at upstream: Upstream, from proxy: Proxy, _ result: Simulation, trustDomain: String
    ) -> Call {
        var call = self
        call.address = upstream.address
        call.port = upstream.port
        call.capture = .inbound
        call.sourceAddress = proxy.addresses[0]
        if result.isRequest {
            call.host = result.forwardedHost
            call.path = result.forwardedPath
            if upstream.usesHTTP2 { call.content = .http2 }
            call.security = upstream.security
        } else if upstream.security != .plaintext {
            // What the client secured itself is bytes inside.
            if security != .plaintext { call.content = .tcp }
            call.security = upstream.security
        } else {
            return call
        }
        call.serverName = upstream.serverName
        let protocols = upstream.applicationProtocols
        let wanted = protocols.filter { $0.hasSuffix("h2") == (call.content == .http2) }
        call.applicationProtocols =
            result.isRequest ? (wanted.isEmpty ? protocols : wanted) : protocols.isEmpty ? [] : ["istio"]
        if call.security == .mtls {
            call.sourceIdentity = "spiffe://\(trustDomain)/ns/\(proxy.workloadNamespace)/sa/\(proxy.serviceAccount)"
        }
        return call
    }
}

extension Simulation {
    /// How the call ends at a proxy, in words.
    fileprivate func end(inbound: Bool) -> String {
        switch outcome {
        case .forwarded(let clusters):
            if inbound { return "arrives at the application" }
            let names = clusters.map { clusters.count == 1 ? $0.name : "\($0.name) (\($0.weight))" }
            return "leaves for \(names.joined(separator: ", "))"
        case .answered(let status, let detail): return "is answered with \(status) by the proxy: \(detail)"
        case .closed(let reason): return "ends: \(reason)"
        }
    }
}
