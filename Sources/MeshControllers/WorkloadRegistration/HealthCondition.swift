package import KubernetesModel

/// What an agent says of its workload's health, in the status of its WorkloadEntry.
package enum HealthCondition {
    package static let type = "Healthy"
    /// The annotation that says that the entry's agent probes its workload: until it is well, nobody calls it.
    package static let switchName = "proxy.istio.io/health-checks-enabled"

    /// Whether an entry's agent probes.
    package static func isProbed(_ annotations: [String: String]) -> Bool {
        ["true", "1", "t"].contains(annotations[switchName]?.lowercased())
    }

    /// The status' conditions with this one; nil: they say so already.
    ///
    /// - Parameters:
    ///   - problem: What is wrong; nil: nothing is.
    ///   - current: All conditions that are there.
    ///   - now: RFC 3339, UTC.
    package static func conditions(
        _ current: [JSONValue], problem: String?, now: String
    ) -> [JSONValue]? {
        let before = current.first { $0["type"]?.string == type }
        let status: JSONValue = problem == nil ? "True" : "False"
        let message = problem.map { problem in
            // A status is no log: as much as tells what is wrong.
            problem.utf8.count > 1024 ? String(decoding: problem.utf8.prefix(1024), as: UTF8.self) : problem
        }
        if before?["status"] == status, (before?["message"]?.string ?? "") == (message ?? "") { return nil }
        var condition: JSONValue = ["type": .string(type), "status": status, "lastProbeTime": .string(now)]
        if let message, !message.isEmpty { condition["message"] = .string(message) }
        let since = before?["status"] == status ? before?["lastTransitionTime"] : nil
        condition["lastTransitionTime"] = since ?? .string(now)
        return without(current) + [condition]
    }

    /// The others.
    package static func without(_ current: [JSONValue]) -> [JSONValue] { current.filter { $0["type"]?.string != type } }
}
