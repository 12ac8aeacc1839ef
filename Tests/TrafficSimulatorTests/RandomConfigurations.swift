import EnvoyAPI
import MeshTesting
import SwiftProtobuf
import TrafficSimulator

/// Random parts of configurations and calls, of so few words that most conditions match sometimes.
struct RandomConfigurations {
    var generator: SeededGenerator

    init(seed: UInt64) { generator = SeededGenerator(seed: seed) }

    mutating func one<Element>(of elements: [Element]) -> Element {
        elements[Int.random(in: 0..<elements.count, using: &generator)]
    }

    mutating func happens(_ share: Double) -> Bool { Double.random(in: 0..<1, using: &generator) < share }

    mutating func several<Element>(_ range: ClosedRange<Int>, _ make: (inout Self) -> Element) -> [Element] {
        (0..<Int.random(in: range, using: &generator)).map { _ in make(&self) }
    }

    // MARK: Routes

    private static let paths = ["/", "/a", "/a/b", "/ab", "/A", "/a/", "/b", "/a/b/c", "/b/a"]
    private static let values = ["1", "12", "v1", "V1", "v12", "2", "a,1", "v1,2"]

    mutating func route(_ name: String) -> Envoy_Config_Route_V3_Route {
        .with {
            $0.name = name
            $0.match = routeMatch()
            $0.directResponse.status = 200
            $0.directResponse.body.inlineString = name
        }
    }

    private mutating func routeMatch() -> Envoy_Config_Route_V3_RouteMatch {
        var match = Envoy_Config_Route_V3_RouteMatch()
        switch Int.random(in: 0..<6, using: &generator) {
        case 0, 1: match.prefix = one(of: Self.paths)
        case 2: match.path = one(of: Self.paths)
        case 3: match.pathSeparatedPrefix = one(of: ["/a", "/a/b", "/b", "/A"])
        case 4: match.safeRegex.regex = one(of: ["/a.*", "/[ab]+", "/a/(b|c)", ".*b", "/\\w", "(?i)/A/?b?", "/a|/b"])
        default: match.prefix = "/"
        }
        if happens(0.15), match.safeRegex == .init() { match.caseSensitive = false }
        if happens(0.5) { match.headers = several(1...2) { $0.headerMatch() } }
        if happens(0.3) { match.queryParameters = several(1...2) { $0.queryMatch() } }
        if happens(0.1) { match.runtimeFraction.defaultValue.numerator = one(of: [0, 100]) }
        return match
    }

    mutating func headerMatch() -> Envoy_Config_Route_V3_HeaderMatcher {
        var match = Envoy_Config_Route_V3_HeaderMatcher()
        match.name = one(of: ["x-1", "X-2", ":method"])
        switch Int.random(in: 0..<6, using: &generator) {
        case 0: match.presentMatch = happens(0.5)
        case 1: match.rangeMatch = .with { ($0.start, $0.end) = (one(of: [1, 2, 12]), one(of: [13, 20])) }
        case 2: break
        default:
            match.stringMatch = stringMatch()
            if match.name == ":method" { match.stringMatch.exact = one(of: ["GET", "PUT", "DELETE"]) }
        }
        match.invertMatch = happens(0.3)
        match.treatMissingHeaderAsEmpty = happens(0.3)
        return match
    }

    private mutating func queryMatch() -> Envoy_Config_Route_V3_QueryParameterMatcher {
        var match = Envoy_Config_Route_V3_QueryParameterMatcher()
        match.name = one(of: ["q", "r", "Q"])
        if happens(0.3) { match.presentMatch = happens(0.6) } else if happens(0.8) { match.stringMatch = stringMatch() }
        return match
    }

    private mutating func stringMatch() -> Envoy_Type_Matcher_V3_StringMatcher {
        var match = Envoy_Type_Matcher_V3_StringMatcher()
        let value = one(of: Self.values)
        switch Int.random(in: 0..<5, using: &generator) {
        case 0: match.exact = value
        case 1: match.prefix = value
        case 2: match.suffix = value
        case 3: match.contains = value
        default: match.safeRegex.regex = one(of: ["v?1", "\\d+", "[Vv].*", "(1|2),?.*"])
        }
        if match.safeRegex == .init() { match.ignoreCase = happens(0.3) }
        return match
    }

    mutating func request(_ host: String) -> Call {
        var call = Call(address: "127.0.0.1", port: 0, capture: .gateway)
        call.host = host
        call.sourceAddress = "127.0.0.1"
        call.method = one(of: ["GET", "GET", "PUT"])
        let parameters = several(0...2) { random in
            random.one(of: ["q", "r", "Q"]) + random.one(of: ["", "=", "=1", "=v1", "=12", "=V12"])
        }
        call.path = one(of: Self.paths) + (parameters.isEmpty ? "" : "?" + parameters.joined(separator: "&"))
        for name in ["x-1", "x-2"] where happens(0.6) {
            call.headers[name] = several(1...2) { $0.one(of: Self.values) }
        }
        return call
    }

    // MARK: Virtual hosts

    private static let hosts = ["a", "b", "a.b", "b.a", "a.a.b", "ab", "a.b.a", "A.b", "c"]

    /// Virtual hosts of which no two have one domain.
    mutating func virtualHosts() -> [Envoy_Config_Route_V3_VirtualHost] {
        var taken: Set<String> = []
        return several(1...6) { $0.several(1...3) { $0.domain() } }.enumerated().compactMap { index, domains in
            let free = domains.filter { taken.insert($0.lowercased()).inserted }
            guard !free.isEmpty else { return nil }
            return .with {
                $0.name = "host-\(index)"
                $0.domains = free
                $0.routes = [
                    .with {
                        $0.match.prefix = "/"
                        $0.directResponse.status = 200
                        $0.directResponse.body.inlineString = "host-\(index)"
                    }
                ]
            }
        }
    }

    private mutating func domain() -> String {
        let host = one(of: Self.hosts)
        switch Int.random(in: 0..<6, using: &generator) {
        case 0: return "*" + host
        case 1: return "*." + host
        case 2: return host + "*"
        case 3: return host + ".*"
        case 4: return happens(0.3) ? "*" : host + ":80"
        default: return host
        }
    }

    mutating func hostHeader() -> String { one(of: Self.hosts) + one(of: ["", "", ":80", ":81"]) }

    // MARK: Filter chains

    /// Chains that answer with their names, of which no two are for the same connections.
    mutating func filterChains(port: Int) throws -> [Envoy_Config_Listener_V3_FilterChain] {
        var taken: Set<Envoy_Config_Listener_V3_FilterChainMatch> = []
        return try several(1...7) { $0.chainMatch(port: port) }.filter { taken.insert($0).inserted }.enumerated()
            .map { index, match in try .answering("chain-\(index)", match) }
    }

    private mutating func chainMatch(port: Int) -> Envoy_Config_Listener_V3_FilterChainMatch {
        var match = Envoy_Config_Listener_V3_FilterChainMatch()
        if happens(0.3) { match.destinationPort = .init(UInt32(happens(0.7) ? port : 1)) }
        if happens(0.3) { match.prefixRanges = [range(["127.0.0.0/8", "127.0.0.0/29", "127.0.0.2/32"])] }
        if happens(0.3) { match.serverNames = [one(of: ["a.b", "*.b", "*.a.b", "b"])] }
        if happens(0.4) { match.transportProtocol = one(of: ["tls", "raw_buffer"]) }
        if happens(0.4) { match.applicationProtocols = [one(of: ["http/1.1", "h2c", "h2", "istio"])] }
        if happens(0.2) { match.sourcePrefixRanges = [range(["127.0.0.1/32", "127.0.0.0/16", "10.0.0.0/8"])] }
        if happens(0.2) { match.directSourcePrefixRanges = [range(["127.0.0.0/30", "10.0.0.0/8"])] }
        if happens(0.2) { match.sourceType = one(of: [.sameIpOrLoopback, .external]) }
        return match
    }

    mutating func range(_ ranges: [String]) -> Envoy_Config_Core_V3_CidrRange {
        let parts = one(of: ranges).split(separator: "/")
        return .with {
            $0.addressPrefix = String(parts[0])
            $0.prefixLen = .init(UInt32(parts[1]) ?? 0)
        }
    }

    mutating func connection(port: Int) -> Call {
        var call = Call(address: one(of: ["127.0.0.1", "127.0.0.2", "127.0.0.9", "127.1.0.1"]), port: port)
        call.capture = .gateway
        call.sourceAddress = "127.0.0.1"
        call.content = one(of: [.http, .http2, .tcp])
        call.security = one(of: [.plaintext, .tls])
        if call.security == .tls {
            call.serverName = one(of: ["", "a.b", "A.b", "x.a.b", "b", "c"])
            call.applicationProtocols = several(0...2) { $0.one(of: ["http/1.1", "h2", "istio"]) }
        }
        return call
    }
}

extension Envoy_Config_Listener_V3_FilterChain {
    /// A chain that says its name to whoever connects.
    fileprivate static func answering(_ name: String, _ match: Envoy_Config_Listener_V3_FilterChainMatch) throws -> Self
    {
        let answer: Xds_Type_V3_TypedStruct = .with {
            $0.typeURL = "type.googleapis.com/envoy.extensions.filters.network.direct_response.v3.Config"
            $0.value = ["response": .init(structValue: ["inline_string": .init(stringValue: name)])]
        }
        return try .with {
            $0.name = name
            $0.filterChainMatch = match
            $0.filters = [
                try .with {
                    $0.name = "envoy.filters.network.direct_response"
                    $0.typedConfig = try .init(packing: answer)
                }
            ]
        }
    }
}
