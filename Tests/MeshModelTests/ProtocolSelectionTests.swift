import MeshModel
import Testing

@Suite struct ProtocolSelectionTests {
    struct Case: CustomTestStringConvertible, Sendable {
        var name = ""
        var appProtocol: String?
        var number = 8080
        var transport = Transport.tcp
        var expected: MeshProtocol

        var testDescription: String { "\(transport.rawValue) \(number) \"\(name)\" \(appProtocol ?? "-")" }
    }

    static let byName: [Case] = [
        Case(name: "http", expected: .http), Case(name: "http-web", expected: .http),
        Case(name: "HTTP-web", expected: .http), Case(name: "http2", expected: .http2),
        Case(name: "http2-a-b", expected: .http2), Case(name: "grpc", expected: .grpc),
        Case(name: "grpc-api", expected: .grpc), Case(name: "grpc-web", expected: .grpcWeb),
        Case(name: "grpc-web-api", expected: .grpcWeb), Case(name: "https", expected: .https),
        Case(name: "https-x", expected: .https), Case(name: "tls-x", expected: .tls),
        Case(name: "tcp-x", expected: .tcp), Case(name: "mongo", expected: .mongo),
        Case(name: "mysql-db", expected: .mysql), Case(name: "redis", expected: .redis),
        Case(name: "udp-x", expected: .udp), Case(name: "http_proxy", expected: .httpProxy),
        // The word has to end there.
        Case(name: "httpx", expected: .auto), Case(name: "http.web", expected: .auto),
        Case(name: "web-http", expected: .auto), Case(name: "", expected: .auto),
        // Our own words for what nobody says are no protocols.
        Case(name: "auto", expected: .auto), Case(name: "unsupported", expected: .auto),
    ]

    static let byRest: [Case] = [
        Case(name: "http", transport: .udp, expected: .udp),
        Case(name: "http", appProtocol: "http", transport: .udp, expected: .udp),
        Case(name: "http", transport: .sctp, expected: .unsupported),
        Case(name: "tcp-x", appProtocol: "http", expected: .http),
        Case(name: "tcp-x", appProtocol: "GRPC", expected: .grpc),
        Case(name: "tcp-x", appProtocol: "kubernetes.io/h2c", expected: .http2),
        Case(name: "tcp-x", appProtocol: "kubernetes.io/ws", expected: .http),
        Case(name: "tcp-x", appProtocol: "kubernetes.io/wss", expected: .https),
        // A word without meaning hides the port's name.
        Case(name: "http", appProtocol: "acme.example/odd", expected: .auto),
        Case(name: "x", number: 25, expected: .tcp), Case(name: "x", number: 53, expected: .tcp),
        Case(name: "", number: 3306, expected: .tcp), Case(name: "", number: 27017, expected: .tcp),
        Case(name: "http", number: 3306, expected: .http),
        Case(name: "", appProtocol: "mysql", number: 3306, expected: .mysql),
    ]

    @Test(arguments: byName + byRest)
    func selects(_ given: Case) {
        let selected = MeshProtocol.selected(
            appProtocol: given.appProtocol, portName: given.name, portNumber: given.number,
            transport: given.transport)
        #expect(selected == given.expected)
    }
}
