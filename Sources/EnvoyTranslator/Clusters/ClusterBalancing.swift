import EnvoyAPI
import MeshModel
import SwiftProtobuf

extension Envoy_Config_Cluster_V3_Cluster {
    /// Which endpoint gets the next call.
    mutating func balance(_ input: OutboundClusterInput) {
        switch input.discovery {
        case .originalDestination, .dynamicDNS:
            lbPolicy = .clusterProvided
            return
        case .endpoints, .dns, .firstOfDNS: break
        }
        commonLbConfig = .init()
        if let awareness = input.policy.loadBalancer?.zoneAwareness {
            commonLbConfig.zoneAwareLbConfig = .with {
                if let size = awareness.minimumClusterSize { $0.minClusterSize = .init(UInt64(size)) }
            }
        } else if input.weighsPlaces {
            commonLbConfig.localityWeightedLbConfig = .init()
        }
        if input.keepsDraining {
            commonLbConfig.overrideHostStatus.statuses = [.unknown, .healthy, .draining, .degraded]
        }
        let balancer = input.policy.loadBalancer ?? LoadBalancer()
        choose(balancer)
    }

    private mutating func choose(_ balancer: LoadBalancer) {
        switch balancer.algorithm {
        case .leastRequest, .passthrough:
            lbPolicy = .leastRequest
            if let warmup = balancer.warmup { leastRequestLbConfig.slowStartConfig = .init(warmup) }
        case .roundRobin:
            lbPolicy = .roundRobin
            if let warmup = balancer.warmup { roundRobinLbConfig.slowStartConfig = .init(warmup) }
        case .random:
            lbPolicy = .random
        case .consistentHash(let hash):
            switch hash.table {
            case .ring(let size):
                lbPolicy = .ringHash
                ringHashLbConfig.minimumRingSize = .init(UInt64(size ?? 1024))
            case .maglev(let size):
                lbPolicy = .maglev
                if let size { maglevLbConfig.tableSize = .init(UInt64(size)) }
            }
        case .backendUtilization(let reports):
            lbPolicy = .loadBalancingPolicyConfig
            loadBalancingPolicy.policies = [
                .with {
                    $0.typedExtensionConfig.name = "envoy.load_balancing_policies.client_side_weighted_round_robin"
                    $0.typedExtensionConfig.typedConfig = reports.packed
                }
            ]
            // A policy of its own has the places in it, if any.
            clearCommonLbConfig()
        }
    }

    /// Leaves out who fails.
    mutating func detect(_ detection: OutlierDetection) {
        outlierDetection = .with {
            // Rates of success say little about a few requests.
            $0.enforcingSuccessRate = 0
            if let errors = detection.consecutive5xxErrors {
                $0.consecutive5Xx = .init(errors)
                $0.enforcingConsecutive5Xx = .init(errors > 0 ? 100 : 0)
            }
            if let errors = detection.consecutiveGatewayErrors {
                $0.consecutiveGatewayFailure = .init(errors)
                $0.enforcingConsecutiveGatewayFailure = .init(errors > 0 ? 100 : 0)
            }
            if let interval = detection.interval { $0.interval = .init(interval) }
            if let time = detection.baseEjectionTime {
                $0.baseEjectionTime = .init(time)
                // It may not be longer than the longest, which is 300 seconds unless it is said.
                if time > .seconds(300) { $0.maxEjectionTime = .init(time) }
            }
            if let percent = detection.maxEjectionPercent { $0.maxEjectionPercent = .init(percent) }
            if detection.splitsLocalOriginErrors {
                $0.splitExternalLocalOriginErrors = true
                $0.enforcingLocalOriginSuccessRate = 0
                if let failures = detection.consecutiveLocalOriginFailures, failures > 0 {
                    $0.consecutiveLocalOriginFailure = .init(failures)
                    $0.enforcingConsecutiveLocalOriginFailure = 100
                }
            }
        }
        guard lbPolicy != .clusterProvided, lbPolicy != .loadBalancingPolicyConfig else { return }
        // Zero counts: services have few endpoints, and half of them failing is no reason to call those again.
        commonLbConfig.healthyPanicThreshold = .init(Double(detection.minHealthPercent))
    }
}

extension Envoy_Config_Cluster_V3_Cluster.SlowStartConfig {
    fileprivate init(_ warmup: Warmup) {
        self.init()
        slowStartWindow = .init(warmup.duration)
        if warmup.aggression != 1 {
            aggression.defaultValue = warmup.aggression
            // A key is required, and nobody sets it.
            aggression.runtimeKey = "upstream.slow_start.aggression"
        }
        minWeightPercent = .init(warmup.minimumPercent)
    }
}

extension BackendUtilization {
    fileprivate var packed: Google_Protobuf_Any {
        typealias Policy =
            Envoy_Extensions_LoadBalancingPolicies_ClientSideWeightedRoundRobin_V3_ClientSideWeightedRoundRobin
        let policy: Policy = .with {
            if let updatePeriod { $0.weightUpdatePeriod = .init(updatePeriod) }
            if let stabilizationPeriod { $0.blackoutPeriod = .init(stabilizationPeriod) }
            if let expirationPeriod { $0.weightExpirationPeriod = .init(expirationPeriod) }
            if let errorPenaltyPercent {
                $0.errorUtilizationPenalty = .init(Float(errorPenaltyPercent) / 100)
            }
            $0.metricNamesForComputingUtilization = metricNames
        }
        return (try? .init(packing: policy)) ?? .init()
    }
}
