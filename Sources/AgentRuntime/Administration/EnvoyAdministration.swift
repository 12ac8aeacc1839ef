/// Envoy's administration port.
package struct EnvoyAdministration: Sendable {
    private let host: String
    private let port: Int

    /// Nobody is asked yet.
    package init(host: String = "127.0.0.1", port: Int = 15000) {
        self.host = host
        self.port = port
    }

    /// What is at a path.
    ///
    /// - Throws: ``LocalHTTPError``; also for answers other than 2xx.
    package func get(_ path: String, within limit: Duration = .seconds(5)) async throws(LocalHTTPError) -> [UInt8] {
        try await ask("GET", path, limit)
    }

    /// Has Envoy do something.
    package func post(_ path: String, within limit: Duration = .seconds(5)) async throws(LocalHTTPError) {
        _ = try await ask("POST", path, limit)
    }

    /// Why Envoy cannot serve; nil: it can.
    package func problem() async -> String? {
        do throws(LocalHTTPError) {
            let text = String(decoding: try await get(EnvoyReadiness.path, within: .seconds(3)), as: UTF8.self)
            return EnvoyReadiness(parsing: text).problem
        } catch {
            return "the proxy does not answer: \(error)"
        }
    }

    private func ask(_ method: String, _ path: String, _ limit: Duration) async throws(LocalHTTPError) -> [UInt8] {
        var request = LocalHTTPRequest(method: method, host: host, port: port, target: path)
        request.timeout = limit
        // Statistics of a large mesh: what is cut off would tell of other numbers.
        request.maximumBytes = 128 << 20
        let response = try await request.send()
        guard 200..<300 ~= response.status else {
            throw LocalHTTPError("\(method) \(path) was answered \(response.status)")
        }
        guard !response.isTruncated else {
            throw LocalHTTPError("\(method) \(path) was answered more than \(request.maximumBytes) bytes")
        }
        return response.body
    }
}
