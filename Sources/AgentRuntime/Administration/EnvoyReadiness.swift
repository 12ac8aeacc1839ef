/// Whether an Envoy can serve, from its statistics.
package struct EnvoyReadiness: Hashable, Sendable {
    /// Asks for what is looked at.
    package static let path =
        "/stats?filter=%5E(server.state%7Clistener_manager.workers_started%7C"
        + "(listener_manager.lds%7Ccluster_manager.cds).update_(success%7Crejected))$"

    private var values: [Substring: Int] = [:]

    /// Statistics in Envoy's text: `NAME: VALUE` a line.
    package init(parsing text: String) {
        for line in text.split(separator: "\n") {
            let parts = line.split(separator: ":", maxSplits: 1)
            if parts.count == 2, let value = Int(parts[1].drop { $0 == " " }) { values[parts[0]] = value }
        }
    }

    /// What it still waits for; nil: nothing, it can serve.
    package var problem: String? {
        let clusters = answers(of: "cluster_manager.cds")
        let listeners = answers(of: "listener_manager.lds")
        if clusters == 0 || listeners == 0 {
            return "the configuration is not there yet (answers: clusters \(clusters), listeners \(listeners))"
        }
        switch values["server.state"] {
        case 0: break
        case let state?: return "the proxy is not live (state \(state))"
        case nil: return "the proxy tells no state"
        }
        return values["listener_manager.workers_started"] == 1 ? nil : "the proxy's workers have not started"
    }

    private func answers(of prefix: String) -> Int {
        (values["\(prefix).update_success"] ?? 0) + (values["\(prefix).update_rejected"] ?? 0)
    }
}

/// How many connections are open to listeners that serve others.
package struct ActiveConnections: Hashable, Sendable {
    /// Asks for what is counted.
    package static let path = "/stats?filter=%5Elistener%5C..*.downstream_cx_active$"

    /// The agent's own listeners do not count, nor does the administration.
    package static func count(in text: String) -> Int {
        text.split(separator: "\n").reduce(0) { sum, line in
            let own = ["_15021.", "_15090.", "_15000.", ".admin.", "listener.agent.", "listener.stats."]
            let isWorker = line.contains(".worker_")
            guard !isWorker, !own.contains(where: line.contains), let colon = line.lastIndex(of: ":") else {
                return sum
            }
            return sum + (Int(line[line.index(after: colon)...].drop { $0 == " " }) ?? 0)
        }
    }
}
