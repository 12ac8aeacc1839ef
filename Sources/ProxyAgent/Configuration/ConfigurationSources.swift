import AgentRuntime
import KubernetesModel
import YAML

/// What a configuration is read from, as it was found.
package struct ConfigurationSources: Hashable, Sendable {
    /// Of the process.
    package var environment: [String: String]
    /// The mesh configuration in YAML; nil: no such file.
    package var meshFile: String?
    /// The Pod's labels and annotations as the kubelet writes them; nil: no such file.
    package var labels: String?
    package var annotations: String?
    /// Of the Pod's interfaces.
    package var interfaceAddresses: [String]
    /// For a proxy outside of Kubernetes.
    package var hostName: String
    /// Another program gives credentials to gateways.
    package var hasCredentialSocket = false
    /// Another program gives the workload's own certificate.
    package var hasIdentitySocket = false

    package init(
        environment: [String: String], meshFile: String? = nil, labels: String? = nil, annotations: String? = nil,
        interfaceAddresses: [String] = [], hostName: String = "localhost"
    ) {
        self.environment = environment
        self.meshFile = meshFile
        self.labels = labels
        self.annotations = annotations
        self.interfaceAddresses = interfaceAddresses
        self.hostName = hostName
    }
}

extension ConfigurationSources {
    /// Reads them from where a Pod has them.
    package static func read(meshFile: String = "./etc/istio/config/mesh") -> ConfigurationSources {
        let environment = ProcessEnvironment.variables()
        var sources = ConfigurationSources(
            environment: environment, meshFile: try? Files.text(meshFile),
            labels: try? Files.text("./etc/istio/pod/labels"),
            annotations: try? Files.text("./etc/istio/pod/annotations"),
            interfaceAddresses: LocalAddresses.read(), hostName: LocalAddresses.hostName())
        sources.hasCredentialSocket = Files.isSocket(AgentConfiguration.credentialSocketPath)
        let identity = AgentConfiguration.identitySocketPath(in: environment)
        sources.hasIdentitySocket = Files.isSocket(identity) && SocketProbe.answers(identity)
        return sources
    }

    /// What the node says of programs that give it secrets: the control plane refers to none that it does not speak of.
    var secretMetadata: [String: String] {
        var variables: [String: String] = [:]
        if hasCredentialSocket { variables["ISTIO_META_credential"] = "true" }
        if hasIdentitySocket { variables["ISTIO_META_file-credential"] = "true" }
        return variables
    }
}

extension ConfigurationSources {
    /// Takes a file's mesh configuration, or its ProxyConfig alone, instead of what the Pod has.
    ///
    /// - Parameter path: `-` reads standard input.
    /// - Throws: What the file lacks, in one line.
    package mutating func useConfiguration(from path: String) throws {
        let text = path == "-" ? try Files.text("/dev/stdin") : try Files.text(path)
        let document = try JSONValue.documents(yaml: text).first
        if document?["defaultConfig"] != nil {
            meshFile = text
        } else {
            environment["PROXY_CONFIG"] = text
        }
    }
}
