import KubernetesModel

/// What injections ask of the values that an install was rendered from.
struct InjectionValues: Sendable {
    /// All of them, for templates that people write.
    var json: JSONValue

    var hub: String
    var tag: String
    var image: String
    var initImage: String
    var imagePullPolicy: String
    var imagePullSecrets: [String]
    var certificateProvider: String
    var authorityAddress: String
    var trustBundle: String
    var tokenAudience: String
    var mountsCertificates: Bool
    var clusterDomain: String
    var clusterName: String
    var network: String
    var meshID: String
    var istioNamespace: String
    var rewritesProbes: Bool

    var proxy: ProxyValues
    var capture: CaptureValues
    var gatewaySecurityContext: JSONValue?

    init(_ written: JSONValue) {
        var json = written
        for path in [["global", "proxy", "resources"], ["global", "proxy_init", "resources"]] {
            if let resources = json.value(at: path) { json.set(resources.canonicalResources, at: path) }
        }
        self.json = json
        let global = json["global"]
        hub = global?["hub"]?.string ?? ""
        tag = global?["tag"]?.plainText ?? ""
        image = global?["proxy"]?["image"]?.string ?? "proxyv2"
        initImage = global?["proxy_init"]?["image"]?.string ?? ""
        imagePullPolicy = global?["imagePullPolicy"]?.string ?? ""
        imagePullSecrets = global?["imagePullSecrets"]?.strings ?? []
        certificateProvider = global?["pilotCertProvider"]?.string ?? "istiod"
        authorityAddress = global?["caAddress"]?.string ?? ""
        trustBundle = global?["trustBundleName"]?.string ?? ""
        tokenAudience = global?["sds"]?["token"]?["aud"]?.string ?? "istio-ca"
        mountsCertificates = global?["mountMtlsCerts"]?.bool ?? false
        clusterDomain = global?["proxy"]?["clusterDomain"]?.string ?? "cluster.local"
        clusterName = global?["multiCluster"]?["clusterName"]?.string ?? ""
        network = global?["network"]?.string ?? ""
        meshID = global?["meshID"]?.string ?? ""
        istioNamespace = global?["istioNamespace"]?.string ?? "istio-system"
        rewritesProbes = json["sidecarInjectorWebhook"]?["rewriteAppHTTPProbe"]?.bool ?? true
        proxy = ProxyValues(json)
        capture = CaptureValues(json)
        gatewaySecurityContext = json["gateways"]?["securityContext"]?.nonEmpty
    }
}

/// How agent and proxy run.
struct ProxyValues: Sendable {
    var logLevel: String
    var componentLogLevel: String
    var agentLogLevel: String
    var logsJSON: Bool
    var tracer: String
    var outlierLogPath: String
    var tokenExchangePort: Int64
    var lifecycle: JSONValue?
    var holdsApplication: Bool
    var statusPort: String
    var hasStartupProbe: Bool
    var startupFailureThreshold: JSONValue
    var readinessDelay: String
    var readinessPeriod: String
    var readinessFailureThreshold: String
    var resources: JSONValue?
    var isPrivileged: Bool
    var dumpsCore: Bool
    var seccompProfile: JSONValue?

    init(_ values: JSONValue) {
        let global = values["global"]
        let proxy = global?["proxy"]
        logLevel = proxy?["logLevel"]?.string ?? "warning"
        componentLogLevel = proxy?["componentLogLevel"]?.string ?? "misc:error"
        agentLogLevel = global?["logging"]?["level"]?.string ?? "default:info"
        logsJSON = global?["logAsJson"]?.bool ?? false
        tracer = proxy?["tracer"]?.string ?? ""
        outlierLogPath = proxy?["outlierLogPath"]?.string ?? ""
        tokenExchangePort = global?["sts"]?["servicePort"]?.integer ?? 0
        lifecycle = proxy?["lifecycle"]?.nonEmpty
        holdsApplication = proxy?["holdApplicationUntilProxyStarts"]?.bool ?? false
        statusPort = proxy?["statusPort"]?.plainText ?? "15020"
        hasStartupProbe = proxy?["startupProbe"]?["enabled"]?.bool ?? true
        startupFailureThreshold = proxy?["startupProbe"]?["failureThreshold"] ?? 600
        readinessDelay = proxy?["readinessInitialDelaySeconds"]?.plainText ?? "0"
        readinessPeriod = proxy?["readinessPeriodSeconds"]?.plainText ?? "15"
        readinessFailureThreshold = proxy?["readinessFailureThreshold"]?.plainText ?? "4"
        resources = proxy?["resources"]?.nonEmpty
        isPrivileged = proxy?["privileged"]?.bool ?? false
        dumpsCore = proxy?["enableCoreDump"]?.bool ?? false
        seccompProfile = proxy?["seccompProfile"]?.nonEmpty
    }
}

/// Which traffic is led through the proxy, and who sees to it.
struct CaptureValues: Sendable {
    var isByPlugin: Bool
    var usesMultus: Bool
    var includedIPRanges: String
    var excludedIPRanges: String
    var includedOutboundPorts: String
    var excludedOutboundPorts: String
    var includedInboundPorts: String
    var excludedInboundPorts: String
    var isForced: Bool
    var usesNativeTables: Bool
    var resources: JSONValue?

    init(_ values: JSONValue) {
        let global = values["global"]
        let proxy = global?["proxy"]
        let plugin = values["pilot"]?["cni"]
        isByPlugin = plugin?["enabled"]?.bool ?? false
        usesMultus = plugin?["provider"]?.string == "multus"
        includedIPRanges = proxy?["includeIPRanges"]?.plainText ?? "*"
        excludedIPRanges = proxy?["excludeIPRanges"]?.plainText ?? ""
        includedOutboundPorts = proxy?["includeOutboundPorts"]?.plainText ?? ""
        excludedOutboundPorts = proxy?["excludeOutboundPorts"]?.plainText ?? ""
        includedInboundPorts = proxy?["includeInboundPorts"]?.plainText ?? "*"
        excludedInboundPorts = proxy?["excludeInboundPorts"]?.plainText ?? ""
        isForced = global?["proxy_init"]?["forceApplyIptables"]?.bool ?? false
        usesNativeTables = global?["nativeNftables"]?.bool ?? false
        resources = global?["proxy_init"]?["resources"]?.nonEmpty ?? proxy?["resources"]?.nonEmpty
    }
}

extension JSONValue {
    /// Nil for what Go's templates count as false: nothing, an empty map, list or text.
    var nonEmpty: JSONValue? {
        switch self {
        case .null: .none
        case .object(let fields): fields.isEmpty ? .none : self
        case .array(let elements): elements.isEmpty ? .none : self
        case .string(let text): text.isEmpty ? .none : self
        default: self
        }
    }

    /// Requests and limits of a container without those that are null, in the spelling of an API server.
    var canonicalResources: JSONValue {
        guard let parts = object else { return self }
        return .object(
            parts.compactMapValues { part in
                guard let amounts = part.object else { return part.isNull ? .none : part }
                let kept = amounts.compactMapValues { amount -> JSONValue? in
                    amount.isNull ? .none : .string(Quantity.canonicalText(amount.plainText))
                }
                return kept.isEmpty ? .none : .object(kept)
            })
    }
}
