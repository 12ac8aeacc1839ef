package import AgentRuntime

/// Asks Envoy or the agent of this Pod for something: `pilot-agent request`.
///
/// - Returns: What was answered.
/// - Throws: ``LocalHTTPError``; also for answers other than 2xx.
package func proxyRequest(
    _ method: String, _ path: String, host: String = "localhost", port: Int
) async throws(LocalHTTPError) -> [UInt8] {
    var request = LocalHTTPRequest(method: method.uppercased(), host: host, port: port, target: path)
    request.timeout = .seconds(60)
    request.maximumBytes = 256 << 20
    let response = try await request.send()
    guard 200..<300 ~= response.status else {
        throw LocalHTTPError(
            "\(request.method) \(request.target) on port \(port) was answered \(response.status): "
                + String(decoding: response.body.prefix(1000), as: UTF8.self))
    }
    return response.body
}
