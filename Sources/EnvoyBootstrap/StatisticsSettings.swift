import KubernetesModel

/// Which of Envoy's statistics are kept, what is cut out of their names as tags, and how times are counted.
///
/// Envoy makes some hundred statistics for every cluster and listener. What is kept by default is what tells whether the
/// proxy is fine, and the mesh's own metrics; the annotations and ProxyConfig ask for more.
func statisticsSettings(of input: BootstrapInput) -> JSONValue {
    let kept = KeptStatistics(input)
    let patterns =
        kept.prefixes.map { JSONValue.object(["prefix": .string($0)]) }
        + kept.suffixes.map { ["suffix": .string($0)] }
        + kept.expressions.map { ["safe_regex": ["regex": .string($0)]] }
    return [
        "use_all_default_tags": false,
        "stats_tags": .array(tags(of: input)),
        "stats_matcher": ["inclusion_list": ["patterns": .array(patterns)]],
        "histogram_bucket_settings": .array(histograms(of: input)),
    ]
}

/// What names of statistics begin with, end with or look like.
struct KeptStatistics {
    var prefixes = [
        "mesh.", "istio", "reporter=", "cluster_manager", "listener_manager", "server", "cluster.xds-grpc", "wasm",
        "component", "access_logs.grpc_access_log",
    ]
    var suffixes = ["downstream_cx_active"]
    var expressions: [String] = []

    init(_ input: BootstrapInput) {
        let matcher = "proxyStatsMatcher"
        prefixes += input.settings.list(matcher, "inclusionPrefixes")
        suffixes += input.settings.list(matcher, "inclusionSuffixes")
        expressions += input.settings.list(matcher, "inclusionRegexps")
        prefixes += input.commaSeparated("sidecar.istio.io/statsInclusionPrefixes")
        suffixes += input.commaSeparated("sidecar.istio.io/statsInclusionSuffixes")
        // Commas are part of expressions.
        if let expression = input.annotations["sidecar.istio.io/statsInclusionRegexps"], !expression.isEmpty {
            expressions.append(expression)
        }
    }
}

extension BootstrapInput {
    fileprivate func commaSeparated(_ annotation: String) -> [String] {
        (annotations[annotation] ?? "").split(separator: ",").map { part in
            String(part.drop { $0 == " " })
        }.filter { !$0.isEmpty }
    }
}

/// The first group is cut out of the name; the second is the tag's value. Names of ours end with a semicolon, as those
/// of services have dots.
private let nameTags: [(name: String, expression: String)] = [
    ("cluster_name", #"^cluster\.((.+?);\.)"#),
    ("http_conn_manager_prefix", #"^http\.((.+?);\.)"#),
    ("tcp_prefix", #"^tcp\.((.+?)\.)\w+?$"#),
    ("listener_address", #"^listener\.(((?:[_.[:digit:]]+|[_\[\]a-fA-F[:digit:]]+))\.)"#),
    ("response_code", #"_rq(_(\d{3}))$"#),
    ("response_code_class", #"_rq(_(\dxx))$"#),
    ("mongo_prefix", #"^mongo\.((.+?)\.)"#),
    ("authz_enforce_result", #"rbac(\.(allowed|denied))"#),
    ("authz_dry_run_result", #"(\.shadow_(allowed|denied))"#),
]

/// Tags that people ask for are cut out of the dimensions of the mesh's own metrics.
private func tags(of input: BootstrapInput) -> [JSONValue] {
    let known = nameTags.map { tag -> JSONValue in
        ["tag_name": .string(tag.name), "regex": .string(tag.expression)]
    }
    return known
        + input.extraTags.map { name in
            ["tag_name": .string(name), "regex": .string("(\(name)\\.=\\.(.*?);\\.)")]
        }
}

/// Those of the annotation count first.
private func histograms(of input: BootstrapInput) -> [JSONValue] {
    let standard: JSONValue = [
        "match": ["safe_regex": ["regex": ".*istio.*"]],
        "buckets": .array(standardBounds.map { .double($0) }),
    ]
    return input.askedHistograms + [standard]
}

/// In milliseconds or bytes.
private let standardBounds: [Double] = [
    0.5, 1, 5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10000, 30000, 60000, 300_000, 600_000, 1_800_000,
    3_600_000,
]

/// The upper bounds of the buckets in which Envoy counts one of the mesh's own statistics, ascending.
///
/// - Parameters:
///   - statistic: As Envoy names it.
///   - annotations: Of the Pod.
package func histogramBounds(of statistic: String, annotations: [String: String]) -> [Double] {
    let asked = askedHistograms(annotations).first { statistic.hasPrefix($0.prefix) }
    let bounds = asked?.buckets.compactMap { bound in
        if case .double(let value) = bound { value } else { bound.integer.map { Double($0) } }
    }
    // Envoy sorts them itself.
    return bounds.map { Set($0).sorted() } ?? standardBounds
}

/// The buckets that the Pod's annotation asks for, by the beginning of statistics' names. What it calls `istiocustom`, as
/// proxies of Istio name the mesh's own, is ours.
private func askedHistograms(_ annotations: [String: String]) -> [(prefix: String, buckets: [JSONValue])] {
    let text = annotations["sidecar.istio.io/statsHistogramBuckets"] ?? ""
    return ((try? JSONValue(parsing: text))?.object ?? [:]).sorted { $0.key < $1.key }.compactMap { prefix, buckets in
        guard let list = buckets.array, !list.isEmpty else { return nil }
        let custom = "istiocustom"
        return (prefix.hasPrefix(custom) ? "mesh" + prefix.dropFirst(custom.count) : prefix, list)
    }
}

extension BootstrapInput {
    /// The buckets that the Pod's annotation asks for.
    var askedHistograms: [JSONValue] {
        EnvoyBootstrap.askedHistograms(annotations).map { asked in
            ["match": ["prefix": .string(asked.prefix)], "buckets": .array(asked.buckets)]
        }
    }

    /// Names of tags that people ask for.
    var extraTags: [String] {
        let configured = (settings.fields["extraStatTags"]?.array ?? []).compactMap(\.string)
        return Set(configured + commaSeparated("sidecar.istio.io/extraStatTags")).sorted()
    }
}
