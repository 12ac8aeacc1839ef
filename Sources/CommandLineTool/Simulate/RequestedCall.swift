import KubernetesModel
import TrafficSimulator

/// A call as a person asks for it: `http://reviews:9080/reviews/1?full`.
struct RequestedCall: Hashable {
    var url: String
    var content: Call.Content
    var security: Call.Security
    var host: String
    var port: Int
    /// As a client writes it into the Host header.
    var authority: String
    var path: String
    var method: String
    var headers: [String: [String]]
    var claims: JSONValue?

    private static let schemes: [String: (content: Call.Content, security: Call.Security, port: Int?)] = [
        "http": (.http, .plaintext, 80), "https": (.http, .tls, 443), "http2": (.http2, .plaintext, 80),
        "grpc": (.http2, .plaintext, nil), "tcp": (.tcp, .plaintext, nil), "tls": (.tcp, .tls, 443),
    ]

    init(url: String, headers: [String], method: String?, claims: String?) throws(InputFault) {
        var findings: [Finding] = []
        func fault(_ argument: String, _ message: String) { findings.append(Finding(at: .argument(argument), message)) }
        let written = "--call \(url)"
        let parts = url.firstRange(of: "://")
        let scheme = parts.map { url[..<$0.lowerBound].lowercased() } ?? "http"
        let known = Self.schemes[scheme]
        if known == nil {
            let names = Self.schemes.keys.sorted().joined(separator: ", ")
            fault(written, "there is no scheme \"\(scheme)\" here; known are \(names)")
        }
        let rest = parts.map { url[$0.upperBound...] } ?? url[...]
        let authority = rest.prefix { $0 != "/" && $0 != "?" && $0 != "#" }
        let path = rest.dropFirst(authority.count)
        let (host, port) = Self.split(String(authority))
        if host.isEmpty { fault(written, "names no host") }
        if port == nil, known?.port == nil { fault(written, "needs a port: \(scheme)://HOST:PORT") }
        if let port, !(1...65535).contains(port) { fault(written, "port \(port) is not from 1 to 65535") }

        self.url = url
        content = known?.content ?? .http
        security = known?.security ?? .plaintext
        self.host = host
        self.port = port ?? known?.port ?? 0
        self.authority = String(authority)
        self.path = path.hasPrefix("/") ? String(path) : "/" + path
        self.method = method ?? (scheme == "grpc" ? "POST" : "GET")
        self.headers = scheme == "grpc" ? ["content-type": ["application/grpc"]] : [:]
        for header in headers {
            guard let equals = header.firstIndex(where: { $0 == "=" || $0 == ":" }), equals != header.startIndex else {
                fault("--header \(header)", "must be NAME=VALUE")
                continue
            }
            let name = header[..<equals].lowercased()
            let value = String(header[header.index(after: equals)...].drop { $0 == " " })
            if name == "host" { self.authority = value } else { self.headers[name, default: []].append(value) }
        }
        self.claims = nil
        if let claims {
            do { self.claims = try JSONValue(parsing: claims) } catch { fault("--claims \(claims)", "\(error)") }
        }
        guard findings.isEmpty else { throw InputFault(findings) }
    }

    /// The host without brackets, and the port; nil without one, -1 for what is none.
    private static func split(_ authority: String) -> (String, Int?) {
        let colon = authority.lastIndex(of: ":")
        let bracket = authority.lastIndex(of: "]")
        guard let colon, bracket.map({ $0 < colon }) ?? true else {
            return (authority.filter { $0 != "[" && $0 != "]" }, nil)
        }
        let host = authority[..<colon].filter { $0 != "[" && $0 != "]" }
        return (host, Int(authority[authority.index(after: colon)...]) ?? -1)
    }

    /// The call to an address.
    func call(to address: String, port: Int, capture: Call.Capture) -> Call {
        var call = Call(address: address, port: port, capture: capture)
        call.content = content
        call.security = security
        if security != .plaintext {
            call.serverName = host
            call.applicationProtocols = content == .http ? ["h2", "http/1.1"] : []
        }
        if content != .tcp { call.host = authority }
        call.path = path
        call.method = method
        call.headers = headers
        call.claims = claims
        return call
    }
}
