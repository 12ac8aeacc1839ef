import KubernetesModel
import MeshModel

extension MeshConfigFields {
    /// Reads a whole MeshConfig.
    func read(into settings: inout MeshSettings) {
        readIdentity(into: &settings)
        readTraffic(into: &settings)
        readTelemetry(into: &settings)
        readDiscovery(into: &settings)
        self["defaultConfig"].read(into: &settings.proxyDefaults)
    }

    private func readIdentity(into settings: inout MeshSettings) {
        read("trustDomain", into: &settings.trustDomain)
        read("trustDomainAliases", into: &settings.trustDomainAliases)
        if let authorities = json["caCertificates"]?.array {
            let texts = authorities.compactMap { $0["pem"]?.string }
            settings.trustedRoots = texts.filter { $0.contains { !$0.isWhitespace } }
        }
        read("rootNamespace", into: &settings.rootNamespace)
        read("enableAutoMtls", into: &settings.usesAutoMutualTLS)
        self["meshMTLS"].read(into: &settings.meshTLS)
        self["tlsDefaults"].read(into: &settings.defaultTLS)
    }

    private func readTraffic(into settings: inout MeshSettings) {
        switch json["outboundTrafficPolicy", "mode"]?.string {
        case "REGISTRY_ONLY": settings.outboundPolicy = .registryOnly
        case "ALLOW_ANY": settings.outboundPolicy = .allowAny
        case "ALLOW_ANY_DYNAMIC_DNS": settings.outboundPolicy = .allowAnyDynamicDNS
        default: break
        }
        switch json["inboundTrafficPolicy", "mode"]?.string {
        case "LOCALHOST": settings.inboundPolicy = .localhost
        case "PASSTHROUGH": settings.inboundPolicy = .passthrough
        default: break
        }
        read("connectTimeout", into: &settings.connectTimeout)
        read("protocolDetectionTimeout", into: &settings.protocolDetectionTimeout)
        read("dnsRefreshRate", into: &settings.dnsRefreshRate)
        if let retries = json["defaultHttpRetryPolicy"], retries.object != nil {
            settings.defaultRetries = RetryRule.read(retries).rule
        }
        read("proxyListenPort", into: &settings.outboundPort, within: 1...65535)
        read("proxyInboundListenPort", into: &settings.inboundPort, within: 1...65535)
        read("proxyHttpPort", into: &settings.httpProxyPort, within: 0...65535)
        if let policy = json["h2UpgradePolicy"]?.string { settings.upgradesToHTTP2 = policy == "UPGRADE" }
        self["pathNormalization"].read("normalization", into: &settings.pathNormalization)
        if json["tcpKeepalive"]?.object != nil {
            let keepalive = self["tcpKeepalive"]
            settings.tcpKeepalive = TCPKeepalive(
                time: keepalive.duration("time"), interval: keepalive.duration("interval"),
                probes: keepalive.integer("probes", within: 0...65535))
        }
        if json["localityLbSetting"]?.object != nil {
            self["localityLbSetting"].read(into: &settings.localityLoadBalancing)
        }
        read("ingressClass", into: &settings.ingress.className)
        read("ingressControllerMode", into: &settings.ingress.mode)
        read("ingressService", into: &settings.ingress.service)
        read("ingressSelector", into: &settings.ingress.selector)
    }

    private func readTelemetry(into settings: inout MeshSettings) {
        read("accessLogFile", into: &settings.accessLog.file)
        read("accessLogEncoding", into: &settings.accessLog.encoding)
        read("accessLogFormat", into: &settings.accessLog.format)
        if let isDisabled = json["disableEnvoyListenerLog"]?.bool { settings.accessLog.logsListeners = !isDisabled }
        read("enableTracing", into: &settings.isTracingEnabled)
        read("inboundClusterStatName", into: &settings.inboundClusterStatName)
        read("outboundClusterStatName", into: &settings.outboundClusterStatName)
        for provider in json["extensionProviders"]?.array ?? [] {
            if let name = provider["name"]?.string { settings.extensionProviders[name] = provider }
        }
        readAuthorizers(into: &settings)
        self["defaultProviders"].read("accessLogging", into: &settings.defaultProviders.accessLogging)
        self["defaultProviders"].read("metrics", into: &settings.defaultProviders.metrics)
        self["defaultProviders"].read("tracing", into: &settings.defaultProviders.tracing)
    }

    private func readDiscovery(into settings: inout MeshSettings) {
        if let written = json["discoverySelectors"]?.array {
            let selectors = written.compactMap { LabelSelector($0) }
            // Without one that cannot be read, namespaces would fall out of the mesh.
            if selectors.count == written.count { settings.discoverySelectors = selectors }
        }
        read("defaultServiceExportTo", into: &settings.defaultServiceVisibility)
        read("defaultVirtualServiceExportTo", into: &settings.defaultVirtualServiceVisibility)
        read("defaultDestinationRuleExportTo", into: &settings.defaultDestinationRuleVisibility)
        for entry in json["serviceSettings"]?.array ?? [] {
            guard let isLocal = entry["settings", "clusterLocal"]?.bool else { continue }
            for host in (entry["hosts"]?.array ?? []).compactMap(\.string) {
                settings.clusterLocalHosts[host] = isLocal
            }
        }
    }
}

extension MeshConfigFields {
    fileprivate func read(into versions: inout TLSVersions) {
        if let word = json["minProtocolVersion"]?.string { versions.minimumVersion = word == "TLS_AUTO" ? nil : word }
        read("cipherSuites", into: &versions.cipherSuites)
        read("ecdhCurves", into: &versions.curves)
    }

    fileprivate func read(into balancing: inout LocalityLoadBalancing) {
        read("enabled", into: &balancing.isEnabled)
        read("failoverPriority", into: &balancing.failoverPriority)
        balancing.distribute = (json["distribute"]?.array ?? []).compactMap { rule in
            guard let from = rule["from"]?.string else { return nil }
            let shares = MeshConfigFields(rule["to"] ?? .null)
            let to = (shares.json.object ?? [:]).keys.compactMap { place in
                shares.integer(place, within: 0...100).map { (place, $0) }
            }
            return LocalityLoadBalancing.Distribution(
                from: from, to: Dictionary(to, uniquingKeysWith: { first, _ in first }))
        }
        balancing.failover = (json["failover"]?.array ?? []).compactMap { rule in
            guard let from = rule["from"]?.string, let to = rule["to"]?.string else { return nil }
            return LocalityLoadBalancing.Failover(from: from, to: to)
        }
    }

    fileprivate func read(into defaults: inout ProxyDefaults) {
        read("interceptionMode", into: &defaults.interceptionMode)
        read("discoveryAddress", into: &defaults.discoveryAddress)
        read("drainDuration", into: &defaults.drainDuration)
        read("terminationDrainDuration", into: &defaults.terminationDrainDuration)
        self["gatewayTopology"].read("numTrustedProxies", into: &defaults.trustedProxies, within: 0...65535)
        read("tracing", into: &defaults.tracing)
        read("gatewayTopology", into: &defaults.gatewayTopology)
        read("proxyHeaders", into: &defaults.proxyHeaders)
        for (name, value) in json["proxyMetadata"]?.object ?? [:] {
            defaults.proxyMetadata[name] = value.string ?? value.jsonText
        }
    }
}
