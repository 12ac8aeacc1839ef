import EnvoyTranslator
import MeshModel
package import Metrics
import Synchronization

/// Istio's metrics of what does not come to pass in a mesh as people have written it: each goes down once it is mended.
///
/// ```
/// pilot_conflict_inbound_listener            proxies whose services say different things of one port
/// pilot_conflict_outbound_listener_*         addresses and ports for which services would need one listener each
/// pilot_vservice_dup_domain                  hosts that VirtualServices name which do not decide about them
/// pilot_destrule_subsets                     subsets that an older DestinationRule for the host has already
/// pilot_duplicate_envoy_clusters             clusters that services of several namespaces would have
/// pilot_dns_cluster_without_endpoints        clusters that look up nothing
/// pilot_no_ip                                proxies at whose addresses no workload is known
/// pilot_envoy_filter_status{name,patch,result}   1: EnvoyFilters that are meant for somebody, and those that are wrong
/// xds_cache_reads{type}, xds_cache_evictions{type}   resources that were made for somebody else already, or were not
/// ```
///
/// There is no `xds_cache_dependent_config_size`: what is kept is found by all that decides it, not by names of
/// configuration. Nor is there `pilot_xds_push_context_errors`: to compute what changes mean cannot fail or time out.
package final class ConnectedMeshMetrics: Sendable {
    /// What backends can be told that swift-metrics cannot say: help texts, and the bounds of histograms.
    package static let descriptions: [(name: String, help: String, buckets: [Double]?)] = [
        ("pilot_conflict_inbound_listener", "Proxies whose services say different things of one port.", nil),
        (
            "pilot_conflict_outbound_listener_http_over_current_tcp",
            "Addresses at which requests for a service go where TCP of another one goes.", nil
        ),
        (
            "pilot_conflict_outbound_listener_tcp_over_current_http",
            "Addresses at which TCP for a service goes where requests for another one go.", nil
        ),
        (
            "pilot_conflict_outbound_listener_tcp_over_current_tcp",
            "Addresses at which TCP for a service goes where that for another one goes.", nil
        ),
        ("pilot_vservice_dup_domain", "Hosts of VirtualServices about which another one decides.", nil),
        ("pilot_destrule_subsets", "Subsets that an older DestinationRule for the host has already.", nil),
        ("pilot_duplicate_envoy_clusters", "Clusters that services of several namespaces would have.", nil),
        ("pilot_dns_cluster_without_endpoints", "Clusters that look up no name.", nil),
        ("pilot_no_ip", "Connected proxies at whose addresses no workload is known.", nil),
        ("pilot_envoy_filter_status", "1: what becomes of the patches of an EnvoyFilter.", nil),
        ("xds_cache_reads", "Resources that were asked for, by whether they had been made already.", nil),
        ("xds_cache_evictions", "Encoded resources that were given up, because nobody had them any more.", nil),
        ("xds_cache_size", "Resources that are kept in their encoded form.", nil),
    ]

    private struct Told {
        var cache = CacheCounts()
        var filters: [FilterStatus: Gauge] = [:]
        /// Of which rules and groups they were told.
        var filtersOf: [UInt64] = []
        var conflicts = KnownConflicts()
    }

    private let factory: any MetricsFactory
    private let inbound: Gauge
    private let outbound: [ListenerConflict.Kind: Gauge]
    private let hosts: Gauge
    private let subsets: Gauge
    private let clusters: Gauge
    private let emptyClusters: Gauge
    private let strangers: Gauge
    private let kept: Gauge
    private let hits: Counter
    private let misses: Counter
    private let evictions: Counter
    private let told = Mutex(Told())

    /// Metrics of this backend; by default the program's.
    package init(_ factory: any MetricsFactory = MetricsSystem.factory) {
        self.factory = factory
        func gauge(_ name: String) -> Gauge { Gauge(label: name, factory: factory) }
        inbound = gauge("pilot_conflict_inbound_listener")
        outbound = Dictionary(
            uniqueKeysWithValues: ListenerConflict.Kind.allCases.map {
                ($0, gauge("pilot_conflict_outbound_listener_\($0.metricSuffix)"))
            })
        hosts = gauge("pilot_vservice_dup_domain")
        subsets = gauge("pilot_destrule_subsets")
        clusters = gauge("pilot_duplicate_envoy_clusters")
        emptyClusters = gauge("pilot_dns_cluster_without_endpoints")
        strangers = gauge("pilot_no_ip")
        kept = gauge("xds_cache_size")
        hits = Counter(label: "xds_cache_reads", dimensions: [("type", "hit")], factory: factory)
        misses = Counter(label: "xds_cache_reads", dimensions: [("type", "miss")], factory: factory)
        evictions = Counter(label: "xds_cache_evictions", dimensions: [("type", "clear")], factory: factory)
    }

    /// Tells how it is now.
    package func record(_ mesh: ConnectedMesh) {
        begin(mesh)
        while searchOnce() {}
        recordConflicts()
    }

    /// Tells how it is now, as far as that is found out within a time. Of clients that were not looked at, what was
    /// found last counts on; they are the first the next time.
    package func record(_ mesh: ConnectedMesh, within time: Duration) async {
        let end = ContinuousClock.now + time
        begin(mesh)
        while searchOnce(), ContinuousClock.now < end, !Task.isCancelled { await Task.yield() }
        recordConflicts()
    }

    private func searchOnce() -> Bool { told.withLock { $0.conflicts.searchOnce() } }

    /// All that is to be told at once.
    private func begin(_ mesh: ConnectedMesh) {
        record(mesh.cache)
        strangers.record(mesh.strangers)
        let proxies = mesh.groups.filter { !$0.view.isProxyless }
        inbound.record(proxies.reduce(0) { $0 + (inboundConflicts(of: $1.view).isEmpty ? 0 : $1.count) })
        let filtersOf = [mesh.rulesRevision, mesh.groupsRevision]
        let isFilteredOtherwise = told.withLock { told in
            told.conflicts.follow(mesh)
            defer { told.filtersOf = filtersOf }
            return told.filtersOf != filtersOf
        }
        guard isFilteredOtherwise else { return }
        record(FilterStatus.all(in: mesh.snapshot, for: mesh.groups.lazy.map(\.view)))
    }

    private func recordConflicts() {
        let conflicts = told.withLock { $0.conflicts.conflicts }
        for (kind, gauge) in outbound { gauge.record(conflicts.count(of: kind)) }
        hosts.record(conflicts.hosts.count)
        subsets.record(conflicts.subsets.count)
        clusters.record(conflicts.clusters.count)
        emptyClusters.record(conflicts.emptyClusters.count)
    }

    /// Counters rise by what has come since.
    private func record(_ cache: CacheCounts) {
        let before = told.withLock { told in
            defer { told.cache = cache }
            return told.cache
        }
        kept.record(cache.kept)
        hits.increment(by: cache.hits - before.hits)
        misses.increment(by: cache.misses - before.misses)
        evictions.increment(by: max(0, cache.evictions - before.evictions))
    }

    private func record(_ statuses: [FilterStatus: Bool]) {
        told.withLock { told in
            for (status, gauge) in told.filters where statuses[status] == nil {
                gauge.destroy()
                told.filters[status] = nil
            }
            for (status, holds) in statuses {
                let gauge =
                    told.filters[status]
                    ?? Gauge(
                        label: "pilot_envoy_filter_status", dimensions: status.labels, factory: factory)
                told.filters[status] = gauge
                gauge.record(holds ? 1 : 0)
            }
        }
    }
}

extension ListenerConflict.Kind {
    fileprivate var metricSuffix: String {
        switch self {
        case .httpOverTCP: "http_over_current_tcp"
        case .tcpOverHTTP: "tcp_over_current_http"
        case .tcpOverTCP: "tcp_over_current_tcp"
        }
    }
}

extension FilterStatus {
    fileprivate var labels: [(String, String)] { [("name", filter), ("patch", patch), ("result", result.rawValue)] }
}
