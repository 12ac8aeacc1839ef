import KubernetesModel
import NIOCore
import NIOHTTP1

/// The version of an API server.
package struct ServerVersion: Hashable, Sendable, Comparable, CustomStringConvertible {
    package var major: Int
    /// `20+`, as some vendors write it, is 20.
    package var minor: Int
    /// Such as `v1.20.2`.
    package var gitVersion: String

    package init(major: Int, minor: Int, gitVersion: String) {
        self.major = major
        self.minor = minor
        self.gitVersion = gitVersion
    }

    init(_ json: JSONValue) {
        func number(_ field: String) -> Int {
            Int((json[field]?.string ?? "").prefix { $0.isASCII && $0.isNumber }) ?? 0
        }
        self.init(major: number("major"), minor: number("minor"), gitVersion: json["gitVersion"]?.string ?? "")
    }

    package var description: String { gitVersion.isEmpty ? "v\(major).\(minor)" : gitVersion }

    package static func < (left: ServerVersion, right: ServerVersion) -> Bool {
        (left.major, left.minor) < (right.major, right.minor)
    }
}

extension KubernetesClient {
    /// The server's version.
    package func version() async throws -> ServerVersion {
        ServerVersion(try await json(Call(method: .GET, path: "/version", subject: "GET /version")))
    }

    /// Any request, its answer as it comes: also 4xx and 5xx are returned, not thrown.
    ///
    /// - Parameters:
    ///   - path: From the root, such as `/readyz`; escaped.
    ///   - query: Names and values.
    package func raw(
        _ method: String = "GET", path: String, query: [(String, String)] = [], body: [UInt8]? = nil,
        contentType: String = "application/json", accept: String = "*/*"
    ) async throws -> (status: Int, bytes: [UInt8]) {
        var call = Call(
            method: HTTPMethod(rawValue: method), path: path, subject: "\(method) \(path)",
            repeatability: method == "GET" ? .reading : .write)
        for (name, value) in query { call.query.add(name, value) }
        call.body = body.map { ByteBuffer(bytes: $0) }
        call.contentType = contentType
        call.accept = accept
        let response = try await answer(to: call)
        return (response.status, Array(response.body.readableBytesView))
    }

    /// A JSON document of the server.
    func json(_ call: Call) async throws -> JSONValue {
        let response = try await send(call)
        do {
            return try JSONValue(parsing: response.body.readableBytesView)
        } catch {
            throw TransportError(
                .malformed, server: configuration.server, request: call.subject, cause: "\(error)")
        }
    }
}
