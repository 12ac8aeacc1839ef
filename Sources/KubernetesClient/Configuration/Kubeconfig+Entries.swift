import KubernetesModel

extension Kubeconfig.Entry {
    /// A field's text; nil if it is missing or empty.
    private func text(_ name: String) throws(KubeConfigError) -> String? {
        guard let value = content[name], !value.isNull else { return nil }
        guard let text = value.string else {
            throw error(name, "must be a string, but is of type \(value.typeName)")
        }
        return text.isEmpty ? nil : text
    }

    private func error(_ name: String, _ problem: String) -> KubeConfigError {
        KubeConfigError(file: file, field: "\(field).\(name)", problem: problem)
    }

    /// A path as the file means it: relative to its own folder.
    private func resolved(_ path: String) -> String {
        guard !path.hasPrefix("/"), let slash = file.lastIndex(of: "/") else { return path }
        return file[...slash] + path
    }

    private func decoded(_ name: String) throws(KubeConfigError) -> [UInt8]? {
        guard let text = try text(name) else { return nil }
        guard let bytes = base64Decoded(text) else { throw error(name, "is not base64") }
        return bytes
    }

    /// The entry of a cluster: server, trust roots and how strictly to check.
    func clusterConfiguration() throws(KubeConfigError) -> ClientConfiguration {
        guard let server = try text("server") else { throw error("server", "is missing") }
        guard server.hasPrefix("https://") || server.hasPrefix("http://") else {
            throw error("server", "\"\(server)\" is no http or https URL")
        }
        if try text("proxy-url") != nil {
            throw error("proxy-url", "proxies are not supported; remove the field and connect directly")
        }
        var roots = try decoded("certificate-authority-data")
        if roots == nil, let path = try text("certificate-authority") {
            do {
                roots = try readFile(resolved(path))
            } catch let failure {
                throw error("certificate-authority", "\(failure)")
            }
        }
        return ClientConfiguration(
            server: server, trustRootsPEM: roots, tlsServerName: try text("tls-server-name"),
            skipsServerVerification: content["insecure-skip-tls-verify"]?.bool ?? false, origin: file)
    }

    /// The entry of a user: its certificate.
    func clientCertificate() throws(KubeConfigError) -> ClientCertificate? {
        let certificate = try decoded("client-certificate-data")
        let key = try decoded("client-key-data")
        let certificatePath = try text("client-certificate").map(resolved)
        let keyPath = try text("client-key").map(resolved)
        switch (certificate, key, certificatePath, keyPath) {
        case (let certificate?, let key?, _, _): return .inline(certificate: certificate, key: Secret(key))
        case (nil, nil, let certificatePath?, let keyPath?): return .files(certificate: certificatePath, key: keyPath)
        case (nil, nil, nil, nil): return nil
        case (let certificate?, nil, _, let keyPath?):
            return .inline(certificate: certificate, key: Secret(try file("client-key", keyPath)))
        case (nil, let key?, let certificatePath?, _):
            return .inline(certificate: try file("client-certificate", certificatePath), key: Secret(key))
        default:
            let missing = certificate == nil && certificatePath == nil ? "client-certificate" : "client-key"
            throw error(missing, "is missing: a client certificate needs both a certificate and a key")
        }
    }

    private func file(_ name: String, _ path: String) throws(KubeConfigError) -> [UInt8] {
        do {
            return try readFile(path)
        } catch let failure {
            throw error(name, "\(failure)")
        }
    }

    /// The entry of a user: its token or plugin.
    func credential(
        for configuration: ClientConfiguration, cluster: Kubeconfig.Entry
    ) throws(KubeConfigError) -> Credential {
        if let path = try text("tokenFile") { return .tokenFile(resolved(path)) }
        if let token = try text("token") { return .token(Secret(token)) }
        if let exec = content["exec"], !exec.isNull {
            return .exec(try plugin(exec, for: configuration, cluster: cluster))
        }
        if try text("username") != nil {
            throw error("username", "passwords are not supported; use a token, a client certificate or a plugin")
        }
        if let provider = content["auth-provider"], !provider.isNull {
            throw error("auth-provider", "is not supported; use the provider's exec plugin instead")
        }
        return .none
    }

    private func plugin(
        _ exec: JSONValue, for configuration: ClientConfiguration, cluster: Kubeconfig.Entry
    ) throws(KubeConfigError) -> ExecPlugin {
        guard let command = exec["command"]?.string, !command.isEmpty else {
            throw error("exec.command", "is missing")
        }
        let apiVersion = exec["apiVersion"]?.string ?? ""
        guard ExecPlugin.supportedVersions.contains(apiVersion) else {
            throw error(
                "exec.apiVersion",
                "\"\(apiVersion)\" is not supported; use one of "
                    + ExecPlugin.supportedVersions.joined(separator: ", "))
        }
        var environment: [String: String] = [:]
        for variable in exec["env"]?.array ?? [] {
            if let name = variable["name"]?.string { environment[name] = variable["value"]?.string ?? "" }
        }
        var told: JSONValue?
        if exec["provideClusterInfo"]?.bool == true {
            told = clusterInfo(configuration, extensions: cluster.content["extensions"])
        }
        let isRelativePath = command.contains("/") && !command.hasPrefix("/")
        return ExecPlugin(
            command: isRelativePath ? resolved(command) : command,
            arguments: (exec["args"]?.array ?? []).compactMap(\.string), environment: environment,
            apiVersion: apiVersion, installHint: exec["installHint"]?.string,
            cluster: told)
    }

    /// What `provideClusterInfo` tells the plugin, as in `ExecCredential.spec.cluster`.
    private func clusterInfo(_ configuration: ClientConfiguration, extensions: JSONValue?) -> JSONValue {
        var info: JSONValue = ["server": .string(configuration.server)]
        if let roots = configuration.trustRootsPEM {
            info["certificate-authority-data"] = .string(base64Encoded(roots))
        }
        if let name = configuration.tlsServerName { info["tls-server-name"] = .string(name) }
        if configuration.skipsServerVerification { info["insecure-skip-tls-verify"] = true }
        let named = extensions?.array?.first { $0["name"]?.string == "client.authentication.k8s.io/exec" }
        if let config = named?["extension"] { info["config"] = config }
        return info
    }

    /// The entry of a user: whom to act as.
    func impersonation() -> Impersonation? {
        guard let user = content["as"]?.string, !user.isEmpty else { return nil }
        return Impersonation(user: user, groups: (content["as-groups"]?.array ?? []).compactMap(\.string))
    }
}
