package import KubernetesModel
package import MeshModel

/// For whom routes are made: a proxy, and one of the ports that clients call it by.
package struct RouteContext: Sendable {
    /// `mesh` for a sidecar, else the gateway as `namespace/name`.
    package var gateway: String
    package var port: Int
    /// Requests come by TLS, which the proxy ends.
    package var endsTLS: Bool
    /// Of the proxy, as are the labels.
    package var namespace: String
    package var labels: [String: String]
    package var destinations: DestinationLookup
    /// How requests are retried where a rule says nothing; nil for the built-in way.
    package var defaultRetries: RetryRule?

    package init(
        gateway: String, port: Int, endsTLS: Bool = false, namespace: String, labels: [String: String],
        destinations: DestinationLookup, mesh: MeshSettings
    ) {
        self.gateway = gateway
        self.port = port
        self.endsTLS = endsTLS
        self.namespace = namespace
        self.labels = labels
        self.destinations = destinations
        defaultRetries = mesh.defaultRetries
    }
}

extension VirtualService {
    /// The routes that its HTTP rules make; empty if none of them is for this proxy and port.
    package func routes(in context: RouteContext) -> [RouteInput] {
        var routes: [RouteInput] = []
        for rule in http {
            let matches: [HTTPMatch?] = rule.matches.isEmpty ? [nil] : rule.matches
            for match in matches {
                guard match?.client.applies(in: context) ?? true, let route = route(rule, match, context) else {
                    continue
                }
                routes.append(route)
                // Those behind it are never asked.
                if route.takesAll { return routes }
            }
        }
        return routes
    }

    private func route(_ rule: HTTPRule, _ match: HTTPMatch?, _ context: RouteContext) -> RouteInput? {
        guard let action = action(of: rule, context) else { return nil }
        var route = RouteInput(
            name: match.map { $0.name.isEmpty ? rule.name : "\(rule.name).\($0.name)" } ?? rule.name,
            match: match.map(\.ofRequest), action: action, configuration: configurationPath)
        route.operation = operation(of: route, port: context.port, in: rule, context)
        route.headers = rule.headers ?? HeaderChanges()
        route.fault = rule.fault
        route.cors = rule.cors
        return route
    }

    private func action(of rule: HTTPRule, _ context: RouteContext) -> RouteInput.Action? {
        switch rule.outcome {
        case .delegate: nil
        case .redirect(let redirect): .redirect(redirect, calledPort: context.port, endsTLS: context.endsTLS)
        case .respond(let response): .respond(response)
        case .forward(let destinations): .forward(forward(rule, to: destinations, context))
        }
    }

    private func forward(
        _ rule: HTTPRule, to destinations: [WeightedDestination], _ context: RouteContext
    ) -> ForwardAction {
        let isSplit = destinations.count > 1
        let used = isSplit ? destinations.filter { $0.weight > 0 } : destinations
        var forward = ForwardAction(
            clusters: used.map {
                .init(
                    name: context.destinations.cluster(of: $0.destination, calledPort: context.port),
                    weight: isSplit ? $0.weight : 0, headers: $0.headers)
            })
        forward.timeout = rule.timeout
        forward.hashPolicies = used.flatMap {
            context.destinations.hashPolicies(of: $0.destination, calledPort: context.port)
        }
        forward.retries = .effective(
            rule.retries ?? context.defaultRetries, hashesRequests: !isSplit && !forward.hashPolicies.isEmpty)
        if used.count == 1 { forward.session = context.destinations.session(of: used[0].destination.host) }
        forward.rewrite = rule.rewrite
        forward.mirrors = (rule.mirrors ?? []).filter { $0.share != .none }.map {
            .init(
                name: context.destinations.cluster(of: $0.destination, calledPort: context.port), share: $0.share)
        }
        return forward
    }

    /// By the destination if there is one alone, else by this object.
    private func operation(
        of route: RouteInput, port: Int, in rule: HTTPRule, _ context: RouteContext
    ) -> String {
        let path =
            switch route.match?.path {
            case nil, .present: "/*"
            case .prefix(let prefix): "\(prefix)*"
            case .exact(let path): path
            case .regex(let expression): expression
            }
        guard let only = rule.destinations.first, rule.destinations.count == 1 else {
            return "\(origin.name):\(port)\(path)"
        }
        let target = context.destinations.target(of: only.destination, calledPort: port)
        return "\(target.host):\(target.port)\(path)"
    }

    /// As in the API server's URLs.
    package var configurationPath: String { Self.configurationPath(of: origin.reference.key) }

    /// Of the object of a name.
    package static func configurationPath(of key: ObjectKey) -> String {
        "/apis/networking.istio.io/v1/namespaces/\(key.namespace)/virtual-service/\(key.name)"
    }
}

extension ClientMatch {
    fileprivate func applies(in context: RouteContext) -> Bool {
        applies(
            gateway: context.gateway, port: context.port, namespace: context.namespace, labels: context.labels)
    }
}

extension HTTPMatch {
    /// What is left to look at in requests.
    fileprivate var ofRequest: HTTPMatch {
        var match = self
        match.client = ClientMatch()
        match.name = ""
        return match
    }
}
