import Crypto
import Foundation

@testable import WasmPlugins

/// A registry of one image, for ``WebServer``.
struct TestRegistry: Sendable {
    struct Layer: Sendable {
        var mediaType: String
        var content: [UInt8]
    }

    /// `user:password` that tokens are given for; nil: everybody may read.
    var user: String?
    var repository = "team/plugin"
    var layers: [Layer]
    var manifestType = "application/vnd.oci.image.manifest.v1+json"
    /// The image is named by an index.
    var hasIndex = false
    /// Blobs are not what they are said to be.
    var isCorrupt = false

    var manifest: [UInt8] {
        let entries = layers.map {
            "{\"mediaType\":\"\($0.mediaType)\",\"digest\":\"\(Self.digest($0.content))\",\"size\":\($0.content.count)}"
        }
        return Array(
            "{\"schemaVersion\":2,\"mediaType\":\"\(manifestType)\",\"layers\":[\(entries.joined(separator: ","))]}"
                .utf8)
    }

    var index: [UInt8] {
        let image = Self.digest(manifest)
        let other = "sha256:\(String(repeating: "0", count: 64))"
        return Array(
            """
            {"manifests":[{"digest":"\(other)","platform":{"architecture":"s390x"}},\
            {"digest":"\(image)","platform":{"architecture":"wasm"}}]}
            """.utf8)
    }

    static func digest(_ content: [UInt8]) -> String { "sha256:\(SHA256.hash(data: content).hexadecimal)" }

    /// - Parameter port: Of the server that this is.
    func answer(_ request: WebServer.Request, port: Int) -> WebServer.Answer {
        if request.path.hasPrefix("/token") {
            let wanted = user.map { "Basic \(Data($0.utf8).base64EncodedString())" }
            guard wanted == nil || request.headers["authorization"] == wanted else { return .init(status: 401) }
            return .init(body: Array("{\"token\":\"let-me-in\"}".utf8))
        }
        if user != nil, request.headers["authorization"] != "Bearer let-me-in" {
            let challenge =
                "Bearer realm=\"http://127.0.0.1:\(port)/token\",service=\"test\",scope=\"repository:\(repository):pull\""
            return .init(status: 401, headers: [("WWW-Authenticate", challenge)])
        }
        let place = "/v2/\(repository)/"
        guard request.path.hasPrefix(place) else { return .init(status: 404) }
        let rest = request.path.dropFirst(place.count)
        if rest == "manifests/\(Self.digest(manifest))" || (rest.hasPrefix("manifests/") && !hasIndex) {
            return .init(body: manifest)
        }
        if rest.hasPrefix("manifests/") { return .init(body: index) }
        guard let layer = layers.first(where: { rest == "blobs/\(Self.digest($0.content))" }) else {
            return .init(status: 404)
        }
        return .init(body: isCorrupt ? layer.content + [0] : layer.content)
    }
}
