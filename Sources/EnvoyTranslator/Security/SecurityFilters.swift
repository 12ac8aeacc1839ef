package import MeshModel
package import SwiftProtobuf

extension MeshSnapshot {
    /// What holds requests and connections of a proxy's workload to its policies.
    package func securityFilters(for view: ProxyView) -> ConnectionFilters {
        var filters = ConnectionFilters()
        add(authorizationPolicies(for: view), to: &filters)
        if let tokens = tokenAuthentication(for: view) {
            filters.add([.tokenAuthentication(tokens)], in: .authentication)
        }
        return filters
    }

    /// The filters of a workload that every AuthorizationPolicy of the mesh is for.
    package func authorizationFilters(_ transport: AccessControlInput.Transport) throws -> [any Message] {
        var filters = ConnectionFilters()
        add(configuration.authorizationPolicies.values.sorted { $0.origin < $1.origin }, to: &filters)
        return switch transport {
        case .http: try filters.requestFilters.map { try $0.message() }
        case .tcp: try filters.connectionFilters.map { try $0.message() }
        }
    }

    private func add(_ policies: [AuthorizationPolicy], to filters: inout ConnectionFilters) {
        let domains = TrustDomains(settings.trustDomain, aliases: settings.trustDomainAliases)
        let control = AccessControl(policies: policies, domains: domains, authorizers: authorizers(of: policies))
        let external = control.external(allowsSeveral: settings.allowsSeveralAuthorizers)
        filters.add(external.http, in: .externalAuthorization)
        filters.add(external.network, in: .externalAuthorization)
        filters.add(control.decisions(.http).map { HTTPFilterInput.accessControl($0) }, in: .authorization)
        filters.add(control.decisions(.tcp).map { NetworkFilterInput.accessControl($0) }, in: .authorization)
    }

    /// The providers that policies name, as far as they can be asked.
    private func authorizers(of policies: [AuthorizationPolicy]) -> [String: ExternalAuthorizationInput] {
        var found: [String: ExternalAuthorizationInput] = [:]
        for case .custom(let name) in policies.map(\.action) where found[name] == nil {
            guard let provider = settings.authorizationProviders[name], provider.problems.isEmpty,
                let host = host(of: provider.service)
            else { continue }
            found[name] = ExternalAuthorizationInput(name: name, provider: provider, host: host)
        }
        return found
    }

    /// The host of `host` or `namespace/host`; nil if the mesh does not know it.
    private func host(of service: String) -> String? {
        let parts = service.split(separator: "/", maxSplits: 1).map(String.init)
        guard let host = parts.last?.lowercased() else { return nil }
        if parts.count == 2 { return services[ServiceKey(hostname: host, namespace: parts[0])].map(\.hostname) }
        // Most names say the namespace.
        let labels = host.split(separator: ".", maxSplits: 2).map(String.init)
        if labels.count > 1, services[ServiceKey(hostname: host, namespace: labels[1])] != nil { return host }
        return services.keys.contains { $0.hostname == host } ? host : nil
    }

    /// How a workload's tokens are verified; nil if it takes none.
    private func tokenAuthentication(for view: ProxyView) -> TokenAuthenticationInput? {
        let rules = requestAuthentications(for: view).flatMap(\.rules)
        guard !rules.isEmpty else { return nil }
        let issuers = rules.enumerated().sorted {
            ($0.element.issuer, $0.offset) < ($1.element.issuer, $1.offset)
        }
        return TokenAuthenticationInput(
            issuers: issuers.map { _, rule in
                switch rule.keys {
                case .inline(let keys): .init(rule: rule, keys: keys)
                case .fetched(let source): .init(rule: rule, keys: configuration.keySets[source])
                }
            }, clearsRouteCache: view.kind == .router)
    }
}

/// Sorts policies into filters.
package struct AccessControl {
    package var policies: [AuthorizationPolicy]
    package var domains: TrustDomains
    /// Providers that can be asked, by name.
    package var authorizers: [String: ExternalAuthorizationInput]

    package init(
        policies: [AuthorizationPolicy], domains: TrustDomains, authorizers: [String: ExternalAuthorizationInput]
    ) {
        self.policies = policies
        self.domains = domains
        self.authorizers = authorizers
    }

    /// What policies decide by themselves: what is logged, then what is refused, then what is let pass.
    package func decisions(_ transport: AccessControlInput.Transport) -> [AccessControlInput] {
        let roles: [(AuthorizationPolicy.Action, AccessControlInput.Role)] = [
            (.audit, .audit), (.deny, .deny), (.allow, .allow),
        ]
        return roles.compactMap { action, role in
            input(role, transport, policies.filter { $0.action == action })
        }
    }

    /// What providers are asked about.
    package func external(
        allowsSeveral: Bool
    ) -> (http: [HTTPFilterInput], network: [NetworkFilterInput]) {
        var byProvider: [String: [AuthorizationPolicy]] = [:]
        for policy in policies where !policy.isDryRun {
            if case .custom(let provider) = policy.action { byProvider[provider, default: []].append(policy) }
        }
        var http: [HTTPFilterInput] = []
        var network: [NetworkFilterInput] = []
        func refuse(_ policies: [AuthorizationPolicy]) {
            http += [input(.refuse, .http, policies)].compactMap(\.self).map { .accessControl($0) }
            network += [input(.refuse, .tcp, policies)].compactMap(\.self).map { .accessControl($0) }
        }
        if byProvider.count > 1, !allowsSeveral {
            refuse(byProvider.sorted { $0.key < $1.key }.flatMap(\.value))
            return (http, network)
        }
        // In this order, what one finds cannot be taken for what another one with a longer name finds.
        for (name, policies) in byProvider.sorted(by: { $0.key < $1.key }) {
            guard let authorizer = authorizers[name] else {
                refuse(policies)
                continue
            }
            http += [input(.ask(provider: name), .http, policies)].compactMap(\.self).map { .accessControl($0) }
            http.append(.externalAuthorization(authorizer))
            // One that speaks HTTP knows nothing of connections.
            guard authorizer.provider.kind == .grpc else { continue }
            network += [input(.ask(provider: name), .tcp, policies)].compactMap(\.self).map { .accessControl($0) }
            network.append(.externalAuthorization(authorizer))
        }
        return (http, network)
    }

    private func input(
        _ role: AccessControlInput.Role, _ transport: AccessControlInput.Transport,
        _ policies: [AuthorizationPolicy]
    ) -> AccessControlInput? {
        policies.isEmpty
            ? nil : AccessControlInput(role: role, transport: transport, policies: policies, domains: domains)
    }
}
