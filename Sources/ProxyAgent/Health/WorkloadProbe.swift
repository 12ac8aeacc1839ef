package import KubernetesModel
package import StatusServer
import XDSRelay

/// How the agent of a workload outside of Kubernetes finds out whether the workload is well: `readinessProbe` of its
/// proxy's configuration, as of its WorkloadGroup.
package struct WorkloadProbe: Hashable, Sendable {
    package enum Kind: Hashable, Sendable {
        /// - Parameter host: Nil: the workload's own address.
        case asking(AppProbe, host: String?)
        /// A program that ends well.
        case command([String])
    }

    package var kind: Kind
    package var initialDelay: Duration
    package var period: Duration
    package var timeout: Duration
    /// So many in a row, until it counts as well.
    package var successThreshold: Int
    /// So many in a row, until it does not.
    package var failureThreshold: Int

    /// Reads a probe as Istio writes it; nil: it says nothing that could be asked for.
    package init?(_ json: JSONValue) {
        func number(_ field: String, _ standard: Int, least: Int = 1) -> Int {
            json[field]?.integer.map { Int($0) }.flatMap { $0 >= least ? $0 : nil } ?? standard
        }
        timeout = .seconds(number("timeoutSeconds", 1))
        initialDelay = .seconds(number("initialDelaySeconds", 0, least: 0))
        period = .seconds(number("periodSeconds", 10))
        successThreshold = number("successThreshold", 1)
        failureThreshold = number("failureThreshold", 3)
        if let command = json["exec", "command"]?.array?.compactMap(\.string), !command.isEmpty {
            kind = .command(command)
        } else if var probe = AppProbe(json) {
            probe.timeout = timeout
            let host = json["httpGet", "host"]?.string ?? json["tcpSocket", "host"]?.string
            kind = .asking(probe, host: host.flatMap { $0.isEmpty ? nil : $0 })
        } else {
            return nil
        }
    }
}

/// Makes of single probes what is told: not every hiccup.
struct HealthVerdict: Hashable, Sendable {
    let successThreshold: Int
    let failureThreshold: Int
    private(set) var current: WorkloadHealth?
    private var successes = 0
    private var failures = 0

    init(successThreshold: Int, failureThreshold: Int) {
        self.successThreshold = successThreshold
        self.failureThreshold = failureThreshold
    }

    /// Takes a probe's problem, or that there is none; gives what is to be told now, if anything is.
    mutating func take(_ problem: String?) -> WorkloadHealth? {
        if let problem {
            failures += 1
            successes = 0
            if case .unhealthy? = current { return nil }
            guard failures >= failureThreshold else { return nil }
            current = .unhealthy(problem)
        } else {
            successes += 1
            failures = 0
            guard current != .healthy, successes >= successThreshold else { return nil }
            current = .healthy
        }
        return current
    }
}
