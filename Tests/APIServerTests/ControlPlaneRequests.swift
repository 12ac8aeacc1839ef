import AsyncHTTPClient
import NIOCore
import NIOHTTP1

/// An answer to a request of a test.
struct Answer: Sendable {
    var status: UInt
    var headers: HTTPHeaders
    var body: String
}

/// A request over a connection of its own.
func fetch(_ url: String, host: String? = nil) async throws -> Answer {
    var request = HTTPClientRequest(url: url)
    request.headers.add(name: "connection", value: "close")
    if let host { request.headers.add(name: "host", value: host) }
    let response = try await HTTPClient.shared.execute(request, timeout: .seconds(20))
    let body = try await response.body.collect(upTo: 16 << 20)
    return Answer(status: response.status.code, headers: response.headers, body: String(buffer: body))
}

/// Asks again and again until something is so.
func eventually(
    _ what: String, within limit: Duration = .seconds(60), _ isSo: @escaping @Sendable () async throws -> Bool
) async throws {
    try await within(limit, what) {
        while try await !isSo() { try await Task.sleep(for: .milliseconds(20)) }
    }
}
