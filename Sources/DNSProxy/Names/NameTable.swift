import AgentRuntime
package import EnvoyAPI
import Synchronization

/// The names that the control plane gives addresses to.
///
/// A Service of Kubernetes is called by parts of its name too: `web`, `web.default` and `web.default.svc` are
/// `web.default.svc.cluster.local`, the first only for its own namespace.
package struct NameTable: Hashable, Sendable {
    /// The addresses of one host, as DNS writes them: four bytes, or sixteen.
    package struct Host: Hashable, Sendable {
        /// Of four bytes each.
        package var ipv4: [[UInt8]] = []
        /// Of sixteen bytes each.
        package var ipv6: [[UInt8]] = []
    }

    /// By name, in lower case, without a dot at the end; `*.` at the beginning stands for any labels.
    package var hosts: [String: Host]

    /// No names.
    package init() { hosts = [:] }

    /// The names of a message of the control plane.
    ///
    /// - Parameters:
    ///   - namespace: The workload's own.
    ///   - domain: The cluster's, such as `cluster.local`.
    package init(_ message: Istio_Networking_Nds_V1_NameTable, namespace: String, domain: String) {
        self.init()
        for (name, info) in message.table {
            var host = Host()
            for text in info.ips {
                guard let address = IPAddress(text) else { continue }
                if address.bytes.count == 4 { host.ipv4.append(address.bytes) } else { host.ipv6.append(address.bytes) }
            }
            hosts[DomainName.normalized(name)] = host
            for name in info.altHosts where hosts[DomainName.normalized(name)] == nil {
                hosts[DomainName.normalized(name)] = host
            }
            guard info.registry == "Kubernetes", !info.shortname.isEmpty, !info.namespace.isEmpty else { continue }
            // Only where the name has the cluster's domain are its parts short for it.
            let whole = "\(info.shortname).\(info.namespace).svc.\(domain)"
            guard DomainName.normalized(name) == whole.lowercased() else { continue }
            let qualified = "\(info.shortname).\(info.namespace)".lowercased()
            hosts[qualified] = host
            hosts["\(qualified).svc"] = host
            if info.namespace == namespace { hosts[info.shortname.lowercased()] = host }
        }
    }
}

/// The newest names that the control plane told.
package final class NameTableStore: Sendable {
    private let state: Mutex<(table: NameTable, isTold: Bool)> = Mutex((NameTable(), false))
    private let namespace: String
    private let domain: String

    /// No names yet.
    ///
    /// - Parameters:
    ///   - namespace: The workload's own.
    ///   - domain: The cluster's.
    package init(namespace: String, domain: String = "cluster.local") {
        self.namespace = namespace
        self.domain = domain
    }

    /// The newest names.
    package var table: NameTable { state.withLock { $0.table } }

    /// The control plane has told names.
    package var isTold: Bool { state.withLock { $0.isTold } }

    /// Takes the newest names.
    package func put(_ message: Istio_Networking_Nds_V1_NameTable) {
        let table = NameTable(message, namespace: namespace, domain: domain)
        state.withLock { $0 = (table, true) }
    }
}
