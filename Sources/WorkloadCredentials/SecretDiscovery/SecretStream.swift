import XDSServer

/// A request for secrets, of either protocol.
struct SecretRequest: Hashable, Sendable {
    enum Asked: Hashable, Sendable {
        /// All that is wanted.
        case whole([String])
        case delta(subscribe: [String], unsubscribe: [String], initialVersions: [String: String])
    }

    var nonce = ""
    /// Why the last response was refused; nil: it was not.
    var error: String?
    /// The proxy's, which it tells at first; nil: it does not.
    var version: String?
    var asked: Asked
}

/// A response with secrets that the proxy lacks.
struct SecretResponse: Hashable, Sendable {
    var nonce: String
    var secrets: [SecretResource]
}

/// One stream of a proxy that asks for secrets, of either protocol, without its socket.
///
/// A secret that is not there yet is waited for: the proxy is told of secrets only, never of their absence. There is at
/// most one response without an answer. What was refused is sent again when it has changed.
struct SecretStream: Sendable {
    /// The names that are wanted.
    private(set) var wanted: Set<String> = []
    /// What the proxy was told of them, by version.
    private var told: [String: String] = [:]
    private var outstanding: String?
    private var sent = 0

    /// Takes a request; gives why the last response was refused, if it was.
    mutating func receive(_ request: SecretRequest) -> String? {
        let isAnswer = request.nonce == outstanding && outstanding != nil
        if isAnswer { outstanding = nil }
        switch request.asked {
        case .whole(let names):
            // An answer to an older response still says what is wanted now.
            wanted = Set(names)
            told = told.filter { wanted.contains($0.key) }
            if request.nonce.isEmpty, sent > 0 { told = [:] }
        case .delta(let subscribe, let unsubscribe, let initialVersions):
            for name in unsubscribe {
                wanted.remove(name)
                told[name] = nil
            }
            for name in subscribe {
                wanted.insert(name)
                told[name] = nil
            }
            for (name, version) in initialVersions where wanted.contains(name) { told[name] = version }
        }
        return isAnswer ? request.error : nil
    }

    /// The next response, if there is something to tell; it is outstanding from then on.
    mutating func next(_ secrets: [String: SecretResource]) -> SecretResponse? {
        guard outstanding == nil else { return nil }
        let news = wanted.compactMap { secrets[$0] }.filter { told[$0.name] != $0.version }
        guard !news.isEmpty else { return nil }
        for secret in news { told[secret.name] = secret.version }
        sent += 1
        let nonce = "\(sent)"
        outstanding = nonce
        return SecretResponse(nonce: nonce, secrets: news.sorted { $0.name < $1.name })
    }
}
