import KubernetesModel
import Testing

@testable import KubernetesClient

@Suite struct KubeconfigTests {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func configuration(_ text: String, context: String? = nil) throws -> ClientConfiguration {
        try .kubeconfig(path: try folder.write(text, to: "config"), context: context, environment: [:])
    }

    private func problem(_ text: String, context: String? = nil) throws -> String {
        let file = try folder.write(text, to: "config")
        let error = #expect(throws: KubeConfigError.self) {
            try ClientConfiguration.kubeconfig(path: file, context: context, environment: [:])
        }
        return try #require(error).description.replacing(folder.path + "/", with: "")
    }

    private func file(cluster: String = "{server: 'https://a:6443'}", user: String = "{}") -> String {
        """
        apiVersion: v1
        kind: Config
        current-context: main
        clusters: [{name: c, cluster: \(cluster)}]
        users: [{name: u, user: \(user)}]
        contexts: [{name: main, context: {cluster: c, user: u, namespace: team}}]
        """
    }

    @Test func readsClusterUserAndNamespace() throws {
        let configuration = try configuration(
            file(
                cluster: "{server: 'https://10.0.0.1:6443/', tls-server-name: api, certificate-authority-data: Y2E=}",
                user: "{token: t}"))
        #expect(configuration.server == "https://10.0.0.1:6443")
        #expect(configuration.tlsServerName == "api")
        #expect(configuration.trustRootsPEM == Array("ca".utf8))
        #expect(configuration.credential == .token(Secret("t")))
        #expect(configuration.defaultNamespace == "team")
        #expect(!configuration.skipsServerVerification)
    }

    @Test func jsonIsAKubeconfigToo() throws {
        let configuration = try configuration(
            #"""
            {"current-context": "m", "clusters": [{"name": "c", "cluster": {"server": "https://a"}}],
             "contexts": [{"name": "m", "context": {"cluster": "c"}}]}
            """#)
        #expect(configuration.server == "https://a")
        #expect(configuration.credential == .none)
        #expect(configuration.defaultNamespace == "default")
    }

    @Test func pathsStartAtTheFilesFolder() throws {
        try folder.write("the roots", to: "ca.crt")
        let configuration = try configuration(
            file(
                cluster: "{server: 'https://a', certificate-authority: ca.crt}",
                user: "{client-certificate: sub/tls.crt, client-key: /abs/tls.key, tokenFile: token}"))
        #expect(configuration.trustRootsPEM == Array("the roots".utf8))
        #expect(
            configuration.clientCertificate
                == .files(certificate: folder.path + "/sub/tls.crt", key: "/abs/tls.key"))
        #expect(configuration.credential == .tokenFile(folder.path + "/token"))
    }

    @Test func severalFilesMergeByNameTheFirstWins() throws {
        let first = try folder.write(
            """
            current-context: a
            clusters: [{name: shared, cluster: {server: 'https://first'}}]
            contexts: [{name: a, context: {cluster: shared}}]
            """, to: "first")
        let second = try folder.write(
            """
            current-context: b
            clusters:
            - {name: shared, cluster: {server: 'https://second'}}
            - {name: own, cluster: {server: 'https://own'}}
            contexts: [{name: b, context: {cluster: own}}]
            """, to: "second")
        let environment = ["KUBECONFIG": "\(first):\(folder.path)/missing:\(second)"]
        func server(_ context: String?) throws -> String {
            try ClientConfiguration.kubeconfig(context: context, environment: environment).server
        }
        #expect(try server(nil) == "https://first")
        #expect(try server("b") == "https://own")
    }

    @Test func anExecPluginKeepsItsArgumentsAndEnvironment() throws {
        let configuration = try configuration(
            file(
                user: """
                    {exec: {apiVersion: client.authentication.k8s.io/v1, command: ./bin/login, args: [--cluster, x],
                     env: [{name: A, value: b}], installHint: get it, provideClusterInfo: true}}
                    """))
        guard case .exec(let plugin) = configuration.credential else {
            Issue.record("no plugin: \(configuration.credential)")
            return
        }
        #expect(plugin.command == folder.path + "/./bin/login")
        #expect(plugin.arguments == ["--cluster", "x"])
        #expect(plugin.environment == ["A": "b"])
        #expect(
            plugin.info == [
                "apiVersion": "client.authentication.k8s.io/v1", "kind": "ExecCredential",
                "spec": ["interactive": false, "cluster": ["server": "https://a:6443"]],
            ])
    }

    @Test func aPlainCommandIsLeftToThePath() throws {
        let configuration = try configuration(
            file(user: "{exec: {apiVersion: client.authentication.k8s.io/v1beta1, command: aws}}"))
        guard case .exec(let plugin) = configuration.credential else {
            Issue.record("no plugin: \(configuration.credential)")
            return
        }
        #expect(plugin.command == "aws")
        #expect(plugin.info["spec", "cluster"] == JSONValue?.none)
    }

    @Test func impersonationAndSkippedVerificationAreRead() throws {
        let configuration = try configuration(
            file(
                cluster: "{server: 'https://a', insecure-skip-tls-verify: true}",
                user: "{token: t, as: jane, as-groups: [dev, ops]}"))
        #expect(configuration.skipsServerVerification)
        #expect(configuration.impersonation == Impersonation(user: "jane", groups: ["dev", "ops"]))
    }

    @Test(arguments: [
        ("a: [", "config: not a kubeconfig: line "),
        ("- a", "config: not a kubeconfig: must be a map, but is of type list"),
        ("clusters: {}", "config: clusters: must be a list, but is of type map"),
        ("clusters: [{cluster: {}}]", "config: clusters[0]: has no name"),
        ("", "config: current-context: is not set. Choose one of none by --context"),
        ("current-context: x", "config: contexts: no context \"x\". There are: none"),
        (
            "{current-context: x, contexts: [{name: x, context: {cluster: gone}}]}",
            "config: contexts[0].context.cluster: no cluster \"gone\". There are: none"
        ),
    ])
    func saysWhereAFileIsWrong(text: String, expected: String) throws {
        #expect(try problem(text).hasPrefix(expected))
    }

    @Test(arguments: [
        ("{}", "{}", "clusters[0].cluster.server: is missing"),
        ("{server: 5}", "{}", "clusters[0].cluster.server: must be a string, but is of type integer"),
        ("{server: 'a:6443'}", "{}", "clusters[0].cluster.server: \"a:6443\" is no http or https URL"),
        ("{server: 'https://a', proxy-url: 'http://p'}", "{}", "clusters[0].cluster.proxy-url: proxies are not"),
        (
            "{server: 'https://a', certificate-authority-data: '*'}", "{}",
            "clusters[0].cluster.certificate-authority-data: is not base64"
        ),
        (
            "{server: 'https://a', certificate-authority: gone}", "{}",
            "clusters[0].cluster.certificate-authority: cannot read"
        ),
        ("{server: 'https://a'}", "{username: a, password: b}", "users[0].user.username: passwords are not supported"),
        ("{server: 'https://a'}", "{auth-provider: {name: gcp}}", "users[0].user.auth-provider: is not supported"),
        ("{server: 'https://a'}", "{client-key-data: a2V5}", "users[0].user.client-certificate: is missing"),
        (
            "{server: 'https://a'}", "{exec: {apiVersion: client.authentication.k8s.io/v1}}",
            "users[0].user.exec.command: is missing"
        ),
        (
            "{server: 'https://a'}", "{exec: {command: x, apiVersion: client.authentication.k8s.io/v1alpha1}}",
            "users[0].user.exec.apiVersion: \"client.authentication.k8s.io/v1alpha1\" is not supported"
        ),
    ])
    func saysWhichFieldIsWrong(cluster: String, user: String, expected: String) throws {
        #expect(try problem(file(cluster: cluster, user: user)).hasPrefix("config: " + expected))
    }

    @Test func aMissingFileIsNamed() {
        let error = #expect(throws: KubeConfigError.self) {
            try ClientConfiguration.kubeconfig(path: "/nowhere/config", environment: [:])
        }
        #expect(error?.description == "cannot read /nowhere/config: No such file or directory")
    }

    @Test func withoutAnyFileItSaysWhereItLooked() {
        let error = #expect(throws: KubeConfigError.self) {
            try ClientConfiguration.kubeconfig(environment: ["HOME": "/nowhere"])
        }
        #expect(error?.description.contains("/nowhere/.kube/config") == true)
    }
}

@Suite struct InClusterTests {
    let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
        try folder.write("roots", to: "ca.crt")
        try folder.write("token\n", to: "token")
        try folder.write("istio-system", to: "namespace")
    }

    @Test(arguments: [("10.96.0.1", "https://10.96.0.1:443"), ("fd00::1", "https://[fd00::1]:443")])
    func readsTheServiceAccount(host: String, server: String) throws {
        let configuration = try ClientConfiguration.inCluster(
            directory: folder.path, environment: ["KUBERNETES_SERVICE_HOST": host, "KUBERNETES_SERVICE_PORT": "443"])
        #expect(configuration.server == server)
        #expect(configuration.trustRootsPEM == Array("roots".utf8))
        #expect(configuration.credential == .tokenFile(folder.path + "/token"))
        #expect(configuration.defaultNamespace == "istio-system")
    }

    @Test func outsideAPodItSaysSo() {
        let error = #expect(throws: KubeConfigError.self) {
            try ClientConfiguration.inCluster(directory: folder.path, environment: [:])
        }
        #expect(error?.description.hasPrefix("not in a Pod") == true)
    }

    @Test func aPodWithoutATokenIsToldWhatToCheck() {
        let error = #expect(throws: KubeConfigError.self) {
            try ClientConfiguration.inCluster(
                directory: "/nowhere", environment: ["KUBERNETES_SERVICE_HOST": "10.96.0.1"])
        }
        #expect(error?.description.contains("automountServiceAccountToken") == true)
    }

    @Test func aKubeconfigThatIsNamedComesBeforeThePodsOwn() throws {
        let file = try folder.write(
            "{current-context: m, clusters: [{name: c, cluster: {server: 'https://k'}}], "
                + "contexts: [{name: m, context: {cluster: c}}]}", to: "config")
        let pod = ["KUBERNETES_SERVICE_HOST": "10.96.0.1", "HOME": "/nowhere"]
        #expect(try ClientConfiguration.automatic(kubeconfig: file, environment: pod).server == "https://k")
        let both = pod.merging(["KUBECONFIG": file]) { first, _ in first }
        #expect(try ClientConfiguration.automatic(environment: both).server == "https://k")
        let error = #expect(throws: KubeConfigError.self) {
            try ClientConfiguration.automatic(environment: pod)
        }
        #expect(error?.description.contains("service account") == true)
    }
}
