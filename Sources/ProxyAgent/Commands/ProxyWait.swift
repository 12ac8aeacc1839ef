import AgentRuntime

/// Waits until a URL is answered 200: `pilot-agent wait`, which holds an application back until its proxy serves.
package struct ProxyWait: Hashable, Sendable {
    package var host: String
    package var port: Int
    package var target: String
    package var timeout: Duration = .seconds(60)
    package var requestTimeout: Duration = .milliseconds(500)
    package var period: Duration = .milliseconds(500)

    /// Reads `http://HOST[:PORT][/PATH]`; nil if it is none.
    package init?(url: String) {
        guard url.hasPrefix("http://") else { return nil }
        let rest = url.dropFirst("http://".count)
        let authority = rest.prefix { $0 != "/" && $0 != "?" }
        let colon = authority.hasSuffix("]") ? nil : authority.lastIndex(of: ":")
        let name = colon.map { authority[..<$0] } ?? authority
        guard !name.isEmpty, let port = colon.map({ Int(authority[authority.index(after: $0)...]) }) ?? 80 else {
            return nil
        }
        host = name.hasPrefix("[") ? String(name.dropFirst().dropLast()) : String(name)
        self.port = port
        let path = String(rest.dropFirst(authority.count))
        target = path.hasPrefix("/") ? path : "/\(path)"
    }

    /// Returns once it is answered 200.
    ///
    /// - Throws: ``LocalHTTPError`` when the time is over, with the last answer; `CancellationError`.
    package func wait() async throws {
        let deadline = ContinuousClock.now + timeout
        while true {
            let problem: String
            var request = LocalHTTPRequest(host: host, port: port, target: target)
            request.timeout = requestTimeout
            do throws(LocalHTTPError) {
                let response = try await request.send()
                if response.status == 200 { return }
                problem = "\(response.status) \(String(decoding: response.body.prefix(500), as: UTF8.self))"
            } catch {
                problem = error.description
            }
            guard ContinuousClock.now + period < deadline else {
                throw LocalHTTPError("the proxy was not ready within \(timeout). The last answer: \(problem)")
            }
            try await Task.sleep(for: period)
        }
    }
}
