package import KubernetesModel

/// A credential plugin as a kubeconfig's user names it (`user.exec`).
package struct ExecPlugin: Hashable, Sendable {
    /// The versions of `client.authentication.k8s.io` that are spoken.
    static let supportedVersions = ["client.authentication.k8s.io/v1", "client.authentication.k8s.io/v1beta1"]

    /// A path, or a name looked up in `$PATH`.
    package var command: String
    package var arguments: [String]
    /// Set beside the environment of this process.
    package var environment: [String: String]
    package var apiVersion: String
    /// What to tell the user if the command does not exist.
    package var installHint: String?
    /// What the plugin is told of the cluster; nil unless it asked.
    package var cluster: JSONValue?

    package init(
        command: String, arguments: [String] = [], environment: [String: String] = [:], apiVersion: String,
        installHint: String? = nil, cluster: JSONValue? = nil
    ) {
        self.command = command
        self.arguments = arguments
        self.environment = environment
        self.apiVersion = apiVersion
        self.installHint = installHint
        self.cluster = cluster
    }

    /// The value of `KUBERNETES_EXEC_INFO`.
    var info: JSONValue {
        var spec: JSONValue = ["interactive": false]
        if let cluster { spec["cluster"] = cluster }
        return ["apiVersion": .string(apiVersion), "kind": "ExecCredential", "spec": spec]
    }
}

/// What a credential plugin printed.
struct ExecCredential: Hashable, Sendable {
    var token: Secret<String>?
    var certificate: ClientCertificate?
    /// Seconds since 1970; nil if it holds until it is refused.
    var expiration: Double?

    /// Reads the plugin's output.
    init(output: some Collection<UInt8>, of plugin: ExecPlugin) throws(ExecPluginError) {
        func failure(_ problem: String) -> ExecPluginError {
            ExecPluginError(command: plugin.command, problem: problem)
        }
        let json: JSONValue
        do {
            json = try JSONValue(parsing: output)
        } catch {
            throw failure("its output is \(error)")
        }
        guard json["kind"]?.string == "ExecCredential" else {
            throw failure("its output is no ExecCredential")
        }
        guard json["apiVersion"]?.string == plugin.apiVersion else {
            throw failure(
                "it answered in \(json["apiVersion"]?.string ?? "no apiVersion"), "
                    + "but the kubeconfig asks for \(plugin.apiVersion)")
        }
        let status = json["status"] ?? .null
        token = status["token"]?.string.flatMap { $0.isEmpty ? nil : Secret($0) }
        switch (status["clientCertificateData"]?.string, status["clientKeyData"]?.string) {
        case (let certificate?, let key?):
            self.certificate = .inline(certificate: Array(certificate.utf8), key: Secret(Array(key.utf8)))
        case (nil, nil): certificate = nil
        default: throw failure("it gave only one of clientCertificateData and clientKeyData")
        }
        guard token != nil || certificate != nil else {
            throw failure("it gave neither a token nor a client certificate")
        }
        if let text = status["expirationTimestamp"]?.string {
            guard let seconds = secondsSinceEpoch(rfc3339: text) else {
                throw failure("its expirationTimestamp \"\(text)\" is no RFC 3339 time")
            }
            expiration = seconds
        }
    }
}

/// A credential plugin gave no credential.
package struct ExecPluginError: Error, Hashable, Sendable, CustomStringConvertible {
    package var command: String
    /// What happened, and what to do where that is known.
    package var problem: String

    package var description: String { "credential plugin \"\(command)\": \(problem)" }
}
