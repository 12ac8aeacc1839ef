import AgentRuntime
package import DNSProxy
import EnvoyBootstrap
import KubernetesModel
package import StatusServer
package import WasmPlugins
package import WorkloadCredentials
package import XDSRelay

/// What the services of the agent are told.
extension AgentConfiguration {
    /// Where certificates come from, and for whom.
    package var certificateSettings: WorkloadCertificateSettings {
        var settings = WorkloadCertificateSettings(
            authority: authoritySettings, trustDomain: trustDomain, namespace: namespace, serviceAccount: serviceAccount
        )
        if let lifetime = duration("SECRET_TTL"), lifetime > .zero { settings.lifetime = lifetime }
        if let ratio = variable("SECRET_GRACE_PERIOD_RATIO").flatMap(Double.init), 0...1 ~= ratio {
            settings.graceRatio = ratio
        }
        if let jitter = variable("SECRET_GRACE_PERIOD_RATIO_JITTER").flatMap(Double.init), 0...1 ~= jitter {
            settings.graceJitter = jitter
        }
        if variable("ECC_SIGNATURE_ALGORITHM") == nil,
            let bits = variable("WORKLOAD_RSA_KEY_SIZE").flatMap(Int.init), bits >= 2048
        {
            settings.keyKind = .rsa(bits: bits)
        }
        settings.meshRootFile = meshRootFile
        settings.outputFolder = variable("OUTPUT_CERTS")
        // Without Envoy the application itself shows the certificate: whoever shares the Pod's group may.
        if !hasEnvoy { settings.outputKeyMode = 0o640 }
        settings.fileMountedFolder = isOn("FILE_MOUNTED_CERTS") ? "./etc/certs" : nil
        settings.credentialsFolder = "./var/run/secrets/workload-spiffe-credentials"
        settings.socketPath = secretSettings.socketPath
        return settings
    }

    private var authoritySettings: CertificateAuthoritySettings {
        var authority = CertificateAuthoritySettings(address: variable("CA_ADDR") ?? settings.discoveryAddress)
        authority.rootFile = variable("CA_ROOT_CA") ?? meshRootFile
        authority.credentialFolder = variable("PROV_CERT")
        authority.clusterID = clusterID
        authority.compliance = compliance
        authority.isPlaintext = settings.isControlPlanePlain || portNumber(of: authority.address) == 15010
        authority.tokenFile = token(isPlain: authority.isPlaintext)
        return authority
    }

    /// Where Envoy asks for certificates.
    package var secretSettings: SecretDiscoverySettings {
        var settings = SecretDiscoverySettings()
        settings.socketPath = Self.identitySocketPath(in: environment)
        settings.fileSocketPath = Self.fileSocketPath
        return settings
    }

    /// How the control plane is reached.
    package var relaySettings: DiscoveryRelaySettings {
        var relay = DiscoveryRelaySettings(address: settings.discoveryAddress)
        let isPlain = settings.isControlPlanePlain || portNumber(of: settings.discoveryAddress) == 15010
        relay.security = isPlain ? .plaintext : .tls(rootFile: variable("XDS_ROOT_CA") ?? meshRootFile)
        relay.tokenFile = token(isPlain: isPlain)
        relay.credentialFolder = variable("PROV_CERT") ?? (isOn("FILE_MOUNTED_CERTS") ? "./etc/certs" : nil)
        relay.clusterID = clusterID
        relay.compliance = compliance
        relay.network = variable("ISTIO_META_NETWORK") ?? labels["topology.istio.io/network"] ?? ""
        relay.socketPath = discoverySocket
        // An application that asks itself is another user.
        if !hasEnvoy || variable("GRPC_XDS_BOOTSTRAP") != nil { relay.socketMode = 0o666 }
        relay.asksForNames = answersNames
        relay.asksForRoots = isOn("PROXY_CONFIG_XDS_AGENT")
        return relay
    }

    /// Where the modules of plug-ins come from; nil: the proxy fetches them itself.
    package var moduleSettings: ModuleCacheSettings? {
        guard isOn("ISTIO_AGENT_ENABLE_WASM_REMOTE_LOAD_CONVERSION", default: true) else { return nil }
        var modules = ModuleCacheSettings()
        if let expiry = duration("WASM_MODULE_EXPIRY"), expiry > .zero { modules.expiry = expiry }
        if let interval = duration("WASM_PURGE_INTERVAL"), interval > .zero { modules.purgeInterval = interval }
        if let timeout = duration("WASM_HTTP_REQUEST_TIMEOUT"), timeout > .zero {
            modules.fetch.requestTimeout = timeout
        }
        if let retries = variable("WASM_HTTP_REQUEST_MAX_RETRIES").flatMap(Int.init), retries >= 0 {
            modules.fetch.retries = retries
        }
        modules.fetch.insecureHosts = Set(
            (variable("WASM_INSECURE_REGISTRIES") ?? "").split(separator: ",").map { host in
                String(host.filter { !$0.isWhitespace })
            }.filter { !$0.isEmpty })
        return modules
    }

    /// Where questions about the control plane are taken; nil: nowhere.
    package var tapSettings: DebugTapSettings? {
        var tap = DebugTapSettings()
        tap.host = families.loopback
        tap.socketPath = "\(settings.configPath)/TAP"
        if let port = variable("XDS_TAP_PORT").flatMap(Int.init) { tap.port = port }
        return tap.port > 0 ? tap : nil
    }

    /// Who answers the application's questions for names.
    package var nameSettings: NameServerSettings {
        var names = NameServerSettings()
        if let address = variable("DNS_PROXY_ADDR"), let port = portNumber(of: address) {
            let host = hostName(of: address)
            names.port = port
            if host != "localhost", !host.isEmpty { names.addresses = [host] }
        }
        return names
    }

    /// Where the application is asked from.
    package var probeTarget: ProbeTarget {
        ProbeTarget(
            address: addresses.first ?? "127.0.0.1",
            usesLoopback: isOn("REWRITE_PROBE_LEGACY_LOCALHOST_DESTINATION"))
    }

    /// Whose certificates a control plane's are signed by.
    private var meshRootFile: String {
        switch variable("PILOT_CERT_PROVIDER") {
        case "kubernetes"?: "./var/run/secrets/kubernetes.io/serviceaccount/ca.crt"
        case "custom"?: "./etc/certs/root-cert.pem"
        default: provisionedRootFile ?? "./var/run/secrets/istio/root-cert.pem"
        }
    }

    /// A machine that has been given a certificate before may have been given the root with it, and no other way.
    private var provisionedRootFile: String? {
        guard let folder = variable("PROV_CERT"), !Files.exists("./var/run/secrets/istio/root-cert.pem") else {
            return nil
        }
        let file = "\(folder)/root-cert.pem"
        return Files.exists(file) ? file : nil
    }

    /// Where there is no TLS a token is not sent unless it is there.
    private func token(isPlain: Bool) -> String? {
        tokenFile.flatMap { isPlain && !Files.exists($0) ? nil : $0 }
    }

    private var tokenFile: String? {
        switch variable("JWT_POLICY") {
        case "first-party-jwt"?: "./var/run/secrets/kubernetes.io/serviceaccount/token"
        case "none"?: nil
        default: "./var/run/secrets/tokens/istio-token"
        }
    }
}
