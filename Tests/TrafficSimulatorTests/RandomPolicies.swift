import EnvoyAPI
import SwiftProtobuf

extension RandomConfigurations {
    /// Rules of a route, for calls to a port.
    mutating func accessRules(port: Int) -> Envoy_Extensions_Filters_Http_Rbac_V3_RBACPerRoute {
        .with {
            $0.rbac.rules.action = one(of: [.allow, .deny, .deny])
            $0.rbac.rules.policies = Dictionary(
                uniqueKeysWithValues: several(1...2) { $0.policy(port: port) }.enumerated()
                    .map { ("policy-\($0.offset)", $0.element) })
        }
    }

    private mutating func policy(port: Int) -> Envoy_Config_Rbac_V3_Policy {
        .with {
            $0.permissions = several(1...2) { $0.permission(port: port, depth: 2) }
            $0.principals = several(1...2) { $0.principal(depth: 2) }
        }
    }

    private mutating func permission(port: Int, depth: Int) -> Envoy_Config_Rbac_V3_Permission {
        var permission = Envoy_Config_Rbac_V3_Permission()
        switch Int.random(in: 0..<(depth > 0 ? 9 : 6), using: &generator) {
        case 0: permission.any = true
        case 1: permission.header = headerMatch()
        case 2: permission.urlPath.path = pathMatch()
        case 3: permission.destinationPort = UInt32(happens(0.5) ? port : 1)
        case 4: permission.destinationIp = range(["127.0.0.0/8", "10.0.0.0/8"])
        case 5: permission.requestedServerName.exact = "a"
        case 6: permission.notRule = self.permission(port: port, depth: depth - 1)
        case 7: permission.andRules.rules = several(1...2) { $0.permission(port: port, depth: depth - 1) }
        default: permission.orRules.rules = several(1...2) { $0.permission(port: port, depth: depth - 1) }
        }
        return permission
    }

    private mutating func principal(depth: Int) -> Envoy_Config_Rbac_V3_Principal {
        var principal = Envoy_Config_Rbac_V3_Principal()
        switch Int.random(in: 0..<(depth > 0 ? 8 : 5), using: &generator) {
        case 0: principal.any = true
        case 1: principal.header = headerMatch()
        case 2: principal.authenticated = .init()
        case 3: principal.remoteIp = range(["127.0.0.0/8", "127.0.0.2/32", "10.0.0.0/8"])
        case 4: principal.directRemoteIp = range(["127.0.0.1/32", "10.0.0.0/8"])
        case 5: principal.notID = self.principal(depth: depth - 1)
        case 6: principal.andIds.ids = several(1...2) { $0.principal(depth: depth - 1) }
        default: principal.orIds.ids = several(1...2) { $0.principal(depth: depth - 1) }
        }
        return principal
    }

    private mutating func pathMatch() -> Envoy_Type_Matcher_V3_StringMatcher {
        .with {
            if happens(0.5) {
                $0.prefix = one(of: ["/a", "/a/b", "/b"])
            } else {
                $0.exact = one(of: ["/a", "/b", "/"])
            }
        }
    }
}
