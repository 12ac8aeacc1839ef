import Authentication
import ControlPlane
import FoundationEssentials
import KubernetesClient
import KubernetesModel
import Logging
import MeshModel
import Synchronization

let silent = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

/// A clock that tests turn.
final class TestClock: Sendable {
    private let time: Mutex<Double>

    init(_ seconds: Double = 1_800_000_000) { time = Mutex(seconds) }

    var seconds: Double { time.withLock { $0 } }
    var date: Date { Date(timeIntervalSince1970: seconds) }

    func pass(_ seconds: Double) { time.withLock { $0 += seconds } }
}

/// Knows some tokens, and counts how often it is asked.
final class FakeReviews: TokenReviewing, AccessReviewing {
    struct Unreachable: Error {}

    private let users: [String: AuthenticatedUser]
    private let allowed: Set<String>
    private let state = Mutex((asked: 0, isReachable: true))

    /// - Parameters:
    ///   - users: By token.
    ///   - allowed: Who may read everything, by name.
    init(_ users: [String: AuthenticatedUser] = [:], allowed: Set<String> = []) {
        self.users = users
        self.allowed = allowed
    }

    var asked: Int { state.withLock { $0.asked } }
    var isReachable: Bool {
        get { state.withLock { $0.isReachable } }
        set { state.withLock { $0.isReachable = newValue } }
    }

    func review(_ token: Secret<String>, audience: String?) throws -> TokenVerdict {
        try ask()
        return users[token.exposed].map(TokenVerdict.authenticated) ?? .refused("nobody knows it")
    }

    func mayRead(_ path: String, _ user: AuthenticatedUser) throws -> Bool {
        try ask()
        return allowed.contains(user.name)
    }

    private func ask() throws {
        let isReachable = state.withLock { state in
            state.asked += 1
            return state.isReachable
        }
        if !isReachable { throw Unreachable() }
    }
}

/// A token that says this of itself; nobody has signed it.
func token(
    _ account: String = "bookinfo", in namespace: String = "default", for audience: String? = "istio-ca",
    expires: Double? = 1_800_003_600
) -> String {
    var claims: JSONValue = ["sub": .string("system:serviceaccount:\(namespace):\(account)")]
    if let audience { claims["aud"] = [.string(audience)] }
    if let expires { claims["exp"] = .integer(Int64(expires)) }
    let parts = [#"{"alg":"none"}"#, claims.jsonText, "signature"]
    return parts.map { part in
        let text = Data(part.utf8).base64EncodedString()
        return String(text.filter { $0 != "=" }.map { $0 == "+" ? "-" : $0 == "/" ? "_" : $0 })
    }.joined(separator: ".")
}

extension AuthenticatedUser {
    static func account(_ name: String, in namespace: String) -> AuthenticatedUser {
        AuthenticatedUser(name: "system:serviceaccount:\(namespace):\(name)", groups: ["system:serviceaccounts"])
    }
}
