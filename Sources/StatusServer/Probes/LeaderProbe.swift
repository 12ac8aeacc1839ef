import AgentRuntime
import NIOCore
import Observability
import Synchronization

/// Asks the application on the loopback whether its Pod leads its group.
///
/// The annotation `apus.dev/leader-probe` says how: `tcp:PORT:SEND:EXPECT` or `http:PORT:PATH:EXPECT`. SEND may have
/// `\n`, `\r`, `\t`; EXPECT is a text that a leader's answer holds, and may have colons.
package struct LeaderProbe: Hashable, Sendable {
    /// How the application is asked.
    package enum Kind: Hashable, Sendable {
        case tcp(send: String)
        case http(path: String)
    }

    /// Of the Pod.
    package static let annotation = "apus.dev/leader-probe"

    /// How the application is asked.
    package var kind: Kind
    /// On the loopback.
    package var port: Int
    /// What a leader's answer holds.
    package var expected: String
    /// For an answer.
    package var timeout: Duration = .seconds(2)

    /// Reads the annotation; nil if it is none.
    package init?(parsing text: String) {
        let parts = text.split(separator: ":", maxSplits: 3, omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 4, let port = Int(parts[1]), 1...65535 ~= port, !parts[3].isEmpty else { return nil }
        switch parts[0] {
        case "tcp":
            let sent = parts[2].replacing("\\n", with: "\n").replacing("\\r", with: "\r").replacing("\\t", with: "\t")
            kind = .tcp(send: sent)
        case "http": kind = .http(path: parts[2].hasPrefix("/") ? parts[2] : "/\(parts[2])")
        default: return nil
        }
        self.port = port
        expected = parts[3]
    }

    /// `leader` or `follower`, or 503 and why nobody knows.
    func reply(host: String = "127.0.0.1") async -> HTTPReply {
        do {
            let answer = String(decoding: try await answer(host), as: UTF8.self)
            return .text(answer.contains(expected) ? "leader\n" : "follower\n")
        } catch {
            return .text("the application does not tell its role: \(error)\n", status: 503)
        }
    }

    private func answer(_ host: String) async throws -> [UInt8] {
        switch kind {
        case .http(let path):
            var request = LocalHTTPRequest(host: host, port: port, target: path)
            request.timeout = timeout
            request.maximumBytes = 64 << 10
            return try await request.send().body
        case .tcp(let text):
            return try await LocalExchange.exchange(Array(text.utf8), host: host, port: port, within: timeout) {
                String(decoding: $0, as: UTF8.self).contains(expected)
            }
        }
    }
}
