import FoundationEssentials
import KubernetesModel
import MeshDiscovery
package import MeshModel
import MeshObservation
import Metrics
import ServiceLifecycle

/// Istio's metrics of what is, and not of what happens: looked at now and then.
///
/// ```
/// pilot_info{version}, istio_build{component,tag}   which control plane it is
/// istiod_uptime_seconds                             since when
/// pilot_eds_no_instances                            ports of services without any endpoint
/// pilot_endpoint_not_ready                          endpoints that take no calls
/// istiod_managed_clusters{cluster_type="local"}     the own cluster
/// istiod_remote_cluster_sync_status{cluster,status} how it stands with the others: 1 for the state they are in
/// ```
struct MeshSampling: Service {
    static let descriptions: [(name: String, help: String, buckets: [Double]?)] = [
        ("pilot_info", "The version of the control plane.", nil),
        ("istio_build", "The version of the control plane.", nil),
        ("startup_duration_seconds", "From the start of the process until it was ready.", nil),
        ("istiod_uptime_seconds", "How long the control plane has been running.", nil),
        ("pilot_eds_no_instances", "Ports of services without any endpoint.", nil),
        ("pilot_endpoint_not_ready", "Endpoints that take no calls.", nil),
        (
            "istiod_remote_cluster_sync_status",
            "How it stands with other clusters: 1 for the state that one is in, 0 for the others.", nil
        ),
    ]

    private static let states = ["synced", "syncing", "failing"]

    let discovery: MeshDiscovery
    let remotes: RemoteClusters
    let now: @Sendable () -> Date
    var interval = Duration.seconds(15)
    /// For how long is looked for what is in clients' way, each time.
    var patience = Duration.milliseconds(500)

    func run() async throws {
        let started = now()
        let version = [("version", apusVersion)]
        Gauge(label: "pilot_info", dimensions: version).record(1)
        Gauge(label: "istio_build", dimensions: [("component", "pilot"), ("tag", apusVersion)]).record(1)
        Gauge(label: "istiod_managed_clusters", dimensions: [("cluster_type", "local")]).record(1)
        let uptime = Gauge(label: "istiod_uptime_seconds")
        let empty = Gauge(label: "pilot_eds_no_instances")
        let unready = Gauge(label: "pilot_endpoint_not_ready")
        let connected = ConnectedMeshMetrics()
        await cancelWhenGracefulShutdown {
            var clusters: Set<String> = []
            repeat {
                uptime.record(now().timeIntervalSince(started))
                let mesh = await discovery.connected
                let counts = EndpointCounts(mesh.snapshot)
                empty.record(counts.empty)
                unready.record(counts.unready)
                await connected.record(mesh, within: patience)
                clusters = record(remotes.statuses, before: clusters)
            } while (try? await Task.sleep(for: interval)) != nil
        }
    }

    /// - Returns: The clusters that were told.
    private func record(_ statuses: [ClusterStatus], before: Set<String>) -> Set<String> {
        let words = Dictionary(statuses.map { ($0.id, $0.word) }) { $1 }
        for cluster in before.union(words.keys) {
            for state in Self.states {
                Gauge(
                    label: "istiod_remote_cluster_sync_status",
                    dimensions: [("cluster", cluster), ("status", state)]
                ).record(words[cluster] == state ? 1 : 0)
            }
        }
        return Set(words.keys)
    }
}

/// What is to be said of all endpoints of a mesh.
package struct EndpointCounts: Hashable, Sendable {
    /// Ports of services that endpoints are to serve, and none does.
    package var empty = 0
    /// Endpoints that take no calls.
    package var unready = 0

    package init(_ snapshot: MeshSnapshot) {
        for set in snapshot.endpoints.values { unready += set.endpoints.count { $0.health == .unready } }
        for (key, service) in snapshot.services {
            switch service.resolution {
            case .endpoints, .headless, .dns, .dnsRoundRobin: break
            case .externalName, .dynamicDNS, .none: continue
            }
            empty += service.ports.count { snapshot.endpoints(of: key, port: $0).isEmpty }
        }
    }
}
