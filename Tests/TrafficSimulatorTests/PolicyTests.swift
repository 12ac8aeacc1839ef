import EnvoyAPI
import KubernetesModel
import SwiftProtobuf
import Testing
import TrafficSimulator

@Suite("What policies say of a call")
struct PolicyTests {
    private static func filter(
        _ action: Envoy_Config_Rbac_V3_RBAC.Action, _ policies: [String: Envoy_Config_Rbac_V3_Policy]
    ) throws -> Envoy_Extensions_Filters_Network_HttpConnectionManager_V3_HttpFilter {
        let config: Envoy_Extensions_Filters_Http_Rbac_V3_RBAC = .with {
            $0.rules.action = action
            $0.rules.policies = policies
        }
        return try .with {
            $0.name = "envoy.filters.http.rbac"
            $0.typedConfig = try .init(packing: config)
        }
    }

    private static func policy(
        _ permission: Envoy_Config_Rbac_V3_Permission = .with { $0.any = true },
        _ principal: Envoy_Config_Rbac_V3_Principal = .with { $0.any = true }
    ) -> Envoy_Config_Rbac_V3_Policy {
        .with {
            $0.permissions = [permission]
            $0.principals = [principal]
        }
    }

    private func status(
        _ filters: [Envoy_Extensions_Filters_Network_HttpConnectionManager_V3_HttpFilter], _ path: String = "/",
        _ change: (inout Call) -> Void = { _ in }
    ) throws -> Int? {
        let routes = Envoy_Config_Route_V3_RouteConfiguration([.init("all", ["*"])])
        let result = try ProxyConfiguration.serving(routes, filters: filters).answer(path, change)
        if case .answered(let status, _) = result.outcome { return status }
        return nil
    }

    @Test("ALLOW refuses what no rule matches, DENY what one matches, AUDIT nothing")
    func actions() throws {
        let admin = Self.policy(.with { $0.urlPath.path.prefix = "/admin" })
        #expect(try status([Self.filter(.allow, ["p": admin])], "/") == 403)
        #expect(try status([Self.filter(.allow, ["p": admin])], "/admin?x") == nil)
        #expect(try status([Self.filter(.deny, ["p": admin])], "/") == nil)
        #expect(try status([Self.filter(.deny, ["p": admin])], "/admin") == 403)
        #expect(try status([Self.filter(.log, ["p": admin])], "/admin") == nil)
        #expect(try status([Self.filter(.allow, [:])]) == 403)
        #expect(try status([Self.filter(.deny, [:])]) == nil)
    }

    @Test("The next filter is asked only if the one before lets the call go on")
    func order() throws {
        let deny = try Self.filter(.deny, ["d": Self.policy(.with { $0.destinationPort = 81 })])
        let allow = try Self.filter(.allow, ["a": Self.policy()])
        let routes = Envoy_Config_Route_V3_RouteConfiguration([.init("all", ["*"])])
        let configuration = try ProxyConfiguration.serving(routes, filters: [deny, allow])
        #expect(configuration.answer("/").steps.filter { $0.kind == .policy }.count == 2)
        #expect(configuration.answer("/").cluster == "all")
    }

    private static let kindsOfConditions:
        [(String, Envoy_Config_Rbac_V3_Permission, Envoy_Config_Rbac_V3_Principal, Bool)] = [
            ("port", .with { $0.destinationPort = 80 }, .with { $0.any = true }, true),
            ("other port", .with { $0.destinationPort = 81 }, .with { $0.any = true }, false),
            (
                "range of ports", .with { $0.destinationPortRange = .with { ($0.start, $0.end) = (80, 81) } },
                .with { $0.any = true }, true
            ),
            (
                "destination",
                .with { $0.destinationIp = .with { ($0.addressPrefix, $0.prefixLen) = ("10.0.0.0", 8) } },
                .with { $0.any = true }, true
            ),
            ("not", .with { $0.notRule.any = true }, .with { $0.any = true }, false),
            (
                "and", .with { $0.andRules.rules = [.with { $0.any = true }, .with { $0.destinationPort = 81 }] },
                .with { $0.any = true }, false
            ),
            (
                "or", .with { $0.orRules.rules = [.with { $0.any = true }, .with { $0.destinationPort = 81 }] },
                .with { $0.any = true }, true
            ),
            (
                "method",
                .with {
                    $0.header.name = ":method"
                    $0.header.stringMatch.exact = "GET"
                }, .with { $0.any = true }, true
            ),
            ("server name", .with { $0.requestedServerName.exact = "a" }, .with { $0.any = true }, false),
            (
                "client", .with { $0.any = true },
                .with { $0.authenticated.principalName.exact = "spiffe://cluster.local/ns/a/sa/b" }, true
            ),
            (
                "other client", .with { $0.any = true },
                .with { $0.authenticated.principalName.suffix = "/ns/a/sa/c" }, false
            ),
            ("any client", .with { $0.any = true }, .with { $0.authenticated = .init() }, true),
            (
                "source", .with { $0.any = true },
                .with { $0.directRemoteIp = .with { ($0.addressPrefix, $0.prefixLen) = ("10.9.0.0", 16) } }, true
            ),
            (
                "not the source", .with { $0.any = true },
                .with { $0.notID.remoteIp = .with { ($0.addressPrefix, $0.prefixLen) = ("10.9.0.0", 16) } }, false
            ),
            (
                "claim", .with { $0.any = true },
                .with {
                    $0.metadata.filter = "envoy.filters.http.jwt_authn"
                    $0.metadata.path = ["payload", "groups"].map { name in .with { $0.key = name } }
                    $0.metadata.value.listMatch.oneOf.stringMatch.exact = "admins"
                }, true
            ),
        ]

    @Test("Each kind of condition", arguments: 0..<kindsOfConditions.count)
    func conditions(index: Int) throws {
        let (words, permission, principal, expected) = Self.kindsOfConditions[index]
        let filter = try Self.filter(.allow, ["p": Self.policy(permission, principal)])
        let ended = try Self.mutual(filter).answer("/") {
            $0.sourceIdentity = "spiffe://cluster.local/ns/a/sa/b"
            $0.security = .mtls
            $0.sourceAddress = "10.9.1.1"
            $0.claims = ["groups": ["users", "admins"]]
        }
        #expect((ended.cluster == "all") == expected, "\(words): \(ended.outcome)")
    }

    private static func mutual(
        _ filter: Envoy_Extensions_Filters_Network_HttpConnectionManager_V3_HttpFilter
    ) throws -> ProxyConfiguration {
        let chain = try Envoy_Config_Listener_V3_FilterChain.http(
            "all", .init([.init("all", ["*"])]), filters: [filter])
        return ProxyConfiguration(listeners: [
            .init("all", "0.0.0.0", 80, [try chain.endingTLS(asksClients: true)])
        ])
    }

    @Test("A route may have rules of its own, or none")
    func ofRoutes() throws {
        let filter = try Self.filter(.allow, [:])
        func configuration(_ own: Envoy_Extensions_Filters_Http_Rbac_V3_RBACPerRoute) throws -> ProxyConfiguration {
            var route = Envoy_Config_Route_V3_Route.to("all")
            route.typedPerFilterConfig = ["envoy.filters.http.rbac": try .init(packing: own)]
            return try .serving(.init([.init("all", ["*"], [route])]), filters: [filter])
        }
        #expect(try configuration(.init()).answer("/").cluster == "all")
        let denying: Envoy_Extensions_Filters_Http_Rbac_V3_RBACPerRoute = .with {
            $0.rbac.rules.action = .deny
            $0.rbac.rules.policies = ["ns[a]-policy[b]-rule[2]": Self.policy()]
        }
        let refused = try configuration(denying).answer("/")
        #expect(refused.outcome == .answered(status: 403, detail: "refused by ns[a]-policy[b]-rule[2]"))
        #expect(refused.steps.last?.origin?.description == "AuthorizationPolicy a/b spec.rules[2]")
    }

    @Test("Connections are refused without an answer, and what needs a request does not match")
    func connections() throws {
        func outcome(_ permission: Envoy_Config_Rbac_V3_Permission) throws -> Simulation {
            var chain = try Envoy_Config_Listener_V3_FilterChain("tcp")
            let config: Envoy_Extensions_Filters_Network_Rbac_V3_RBAC = .with {
                $0.rules.action = .deny
                $0.rules.policies = ["p": Self.policy(permission)]
            }
            let rules: Envoy_Config_Listener_V3_Filter = try .with {
                $0.name = "envoy.filters.network.rbac"
                $0.typedConfig = try .init(packing: config)
            }
            chain.filters.insert(rules, at: 0)
            return ProxyConfiguration(listeners: [.init("all", "0.0.0.0", 80, [chain])]).answer("/")
        }
        #expect(try outcome(.with { $0.destinationPort = 80 }).outcome == .closed("refused by p"))
        #expect(try outcome(.with { $0.urlPath.path.prefix = "/" }).cluster == "tcp")
    }

    @Test("Tokens: needed, trusted, or neither")
    func tokens() throws {
        typealias Authentication = Envoy_Extensions_Filters_Http_JwtAuthn_V3_JwtAuthentication
        func filter(
            _ requirement: Envoy_Extensions_Filters_Http_JwtAuthn_V3_JwtRequirement
        ) throws -> Envoy_Extensions_Filters_Network_HttpConnectionManager_V3_HttpFilter {
            let config: Authentication = .with {
                $0.providers = ["one": .with { $0.issuer = "me" }]
                $0.rules = [
                    .with {
                        $0.match.prefix = "/"
                        $0.requires = requirement
                    }
                ]
            }
            return try .with {
                $0.name = "envoy.filters.http.jwt_authn"
                $0.typedConfig = try .init(packing: config)
            }
        }
        let needed = try filter(.with { $0.providerName = "one" })
        #expect(try status([needed]) == 401)
        #expect(try status([needed]) { $0.claims = ["iss": "me"] } == nil)
        #expect(try status([needed]) { $0.claims = ["iss": "other"] } == 401)
        let optional = try filter(
            .with {
                $0.requiresAny.requirements = [.with { $0.providerName = "one" }, .with { $0.allowMissing = .init() }]
            })
        #expect(try status([optional]) == nil)
        #expect(try status([optional]) { $0.claims = ["iss": "other"] } == 401)
    }
}
