import Observability
import Synchronization
import Testing

@testable import ProxyAgent

@Suite(.timeLimit(.minutes(10))) struct WaitTests {
    @Test(arguments: [
        ("http://localhost:15021/healthz/ready", "localhost", 15021, "/healthz/ready"),
        ("http://[::1]:80/x?y", "::1", 80, "/x?y"), ("http://web", "web", 80, "/"),
    ])
    func readsURLs(_ url: String, _ host: String, _ port: Int, _ target: String) throws {
        let wait = try #require(ProxyWait(url: url))
        #expect(wait.host == host)
        #expect(wait.port == port)
        #expect(wait.target == target)
    }

    @Test(arguments: ["", "https://x", "http://", "http://a:b/"])
    func refusesOthers(_ url: String) { #expect(ProxyWait(url: url) == nil) }

    @Test func waitsUntilItIsReady() async throws {
        let asked = Mutex(0)
        let routes = HTTPRoutes([
            "/ready": HTTPRoute { _ in
                let count = asked.withLock { count in
                    count += 1
                    return count
                }
                return .text("\(count)", status: count < 3 ? 503 : 200)
            }
        ])
        let server = HTTPEndpoints(host: "127.0.0.1", port: 0, routes: routes, logger: silentLogger)
        try await withServices([server]) {
            var wait = try #require(ProxyWait(url: "http://127.0.0.1:\(try await server.boundPort)/ready"))
            wait.period = .milliseconds(10)
            try await wait.wait()
        }
        // An answer that comes too late on a busy machine is asked for again.
        #expect(asked.withLock { $0 } >= 3)
    }

    @Test func givesUpAndSaysWhy() async throws {
        var wait = try #require(ProxyWait(url: "http://127.0.0.1:\(try await freePort())/ready"))
        wait.timeout = .milliseconds(50)
        wait.period = .milliseconds(10)
        await #expect { try await wait.wait() } throws: { "\($0)".contains("not ready within") }
    }
}
