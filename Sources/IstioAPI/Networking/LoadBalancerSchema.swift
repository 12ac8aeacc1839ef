internal import KubernetesModel

extension Schema {
    static let loadBalancer = object(
        [
            Field(
                "simple",
                oneOf("UNSPECIFIED", "LEAST_CONN", "RANDOM", "PASSTHROUGH", "ROUND_ROBIN", "LEAST_REQUEST"),
                "The algorithm: LEAST_REQUEST, ROUND_ROBIN, RANDOM, or PASSTHROUGH to the address asked for. "
                    + "Default: LEAST_REQUEST."),
            Field("consistentHash", consistentHash, "Requests that are alike go to the same workload."),
            Field("backendUtilization", backendUtilization, "Weights follow the load that workloads report."),
            Field("localityLbSetting", localityLoadBalancing, "Which places traffic goes to, instead of the mesh's."),
            Field("zoneAwareLbSetting", zoneAwareLoadBalancing, "Keeps traffic in its zone while there is enough."),
            Field("warmup", warmup, "New workloads get their full share of traffic only by and by."),
            Field("warmupDurationSecs", duration, "Former form of warmup.duration."),
        ], unknown: .dropped
    ).atMostOne(of: "simple", "consistentHash", "backendUtilization")

    private static let consistentHash = object(
        [
            Field("httpHeaderName", string, "Alike is what has the same value of this header."),
            Field("httpCookie", hashCookie, "Alike is what has the same value of this cookie; it is made if missing."),
            Field("useSourceIp", boolean, "Alike is what comes from the same address."),
            Field("httpQueryParameterName", string, "Alike is what has the same value of this query parameter."),
            Field(
                "ringHash",
                object(
                    [Field("minimumRingSize", count, "Fewest places on the ring. Default: 1024.")], unknown: .dropped),
                "Places workloads on a ring. This is the default."),
            Field(
                "maglev",
                object(
                    [Field("tableSize", count, "Entries of the table, a prime. Default: 65537.")], unknown: .dropped),
                "Places workloads in a table: faster, but more is moved when they change."),
            Field("minimumRingSize", count, "Former form of ringHash.minimumRingSize."),
        ], unknown: .dropped
    ).atMostOne(of: "httpHeaderName", "httpCookie", "useSourceIp", "httpQueryParameterName")
        .atMostOne(of: "ringHash", "maglev")

    private static let hashCookie = object(
        [
            Field("name", string, "Name of the cookie.", required: true),
            Field("path", string, "Path of a cookie that is made."),
            Field("ttl", durationOrNone, "Lifetime of a cookie that is made; 0s ends with the session."),
            Field(
                "attributes",
                list(
                    object(
                        [
                            Field("name", string, "Name of the attribute.", required: true),
                            Field("value", string, "Its value, if it has one."),
                        ], unknown: .dropped)), "Further attributes of a cookie that is made, such as SameSite."),
        ], unknown: .dropped)

    private static let backendUtilization = object(
        [
            Field("weightUpdatePeriod", durationOrNone, "Time between two changes of weights."),
            Field("weightStabilizationPeriod", durationOrNone, "Time until a new workload's reports count."),
            Field("weightExpirationPeriod", durationOrNone, "Time without reports after which a weight is forgotten."),
            Field("errorUtilizationPenaltyPercent", uint32, "How much failures lower a weight, in percent."),
            Field("metricNamesForComputingUtilization", strings, "Reported metrics that tell the load."),
        ], unknown: .dropped)

    private static let localityLoadBalancing = object(
        [
            Field("enabled", boolean.nullable, "Whether places matter. Default: as the mesh is configured."),
            Field("distribute", list(localityShares), "Shares of the traffic from one place to others."),
            Field("failover", list(regionFailover), "Regions that stand in for others."),
            Field("failoverPriority", strings, "Labels of clients and workloads; the more agree, the nearer they are."),
        ], unknown: .dropped)

    private static let localityShares = object(
        [
            Field("from", string, "Where clients are: region/zone/subzone; * stands for any."),
            Field("to", map(uint32), "Where traffic goes, in percent by place; the sum is 100."),
        ], unknown: .dropped)

    private static let regionFailover = object(
        [
            Field("from", string, "Region whose workloads fail."),
            Field("to", string, "Region whose workloads stand in."),
        ], unknown: .dropped)

    private static let zoneAwareLoadBalancing = object(
        [
            Field("enabled", boolean.nullable, "Whether traffic is kept in its zone."),
            Field("failover", list(regionFailover), "Regions that stand in for others."),
            Field("failoverPriority", strings, "Labels of clients and workloads; the more agree, the nearer they are."),
            Field(
                "minClusterSize", integer(from: 1, to: 4_294_967_295).nullable,
                "Fewest workloads of the client's region for which zones matter."),
        ], unknown: .dropped)

    private static let warmup = object(
        [
            Field("duration", duration, "Time until a new workload gets its full share.", required: true),
            Field(
                "minimumPercent", nullablePercentage, "Share of traffic that it begins with, in percent. Default: 10."),
            Field(
                "aggression", number(from: 0).formatted("double").nullable,
                "How fast the share grows; 1 is evenly, more is faster at first. Default: 1."),
        ], unknown: .dropped)
}
