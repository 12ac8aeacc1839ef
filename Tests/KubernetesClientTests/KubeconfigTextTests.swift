import KubernetesClient
import Testing

@Suite struct KubeconfigTextTests {
    private func kubeconfig(cluster: String = "server: 'https://10.0.0.1'", user: String = "token: secret") -> String {
        """
        apiVersion: v1
        kind: Config
        current-context: c
        clusters: [{name: c, cluster: {\(cluster)}}]
        contexts: [{name: c, context: {cluster: c, user: c}}]
        users: [{name: c, user: {\(user)}}]
        """
    }

    private func problem(_ text: String) -> String {
        do {
            _ = try ClientConfiguration.kubeconfig(text: text, origin: "Secret a/b")
            return ""
        } catch { return "\(error)" }
    }

    @Test func whatIsInItCounts() throws {
        let configuration = try ClientConfiguration.kubeconfig(text: kubeconfig(), origin: "Secret a/b")
        #expect(configuration.server == "https://10.0.0.1")
        #expect(configuration.credential == .token(Secret("secret")))
        #expect(configuration.origin == "Secret a/b")
    }

    @Test(arguments: [
        "tokenFile: /etc/shadow", "exec: {command: sh, apiVersion: client.authentication.k8s.io/v1}",
        "client-certificate: /c, client-key: /k", "auth-provider: {name: x}",
    ])
    func noFilesAndNoProgramsAreTaken(user: String) {
        let problem = problem(kubeconfig(user: user))
        #expect(problem.contains("users[0].user.\(user.prefix { $0 != ":" })") && problem.contains("Secret a/b"))
        #expect(!problem.contains("shadow"))
    }

    @Test func serversHaveToProveWhoTheyAre() {
        #expect(
            problem(kubeconfig(cluster: "server: 'https://x', insecure-skip-tls-verify: true")).contains(
                "clusters[0].cluster.insecure-skip-tls-verify"))
        #expect(
            problem(kubeconfig(cluster: "server: 'https://x', certificate-authority: /ca.crt")).contains(
                "clusters[0].cluster.certificate-authority"))
        #expect(problem("[").contains("not a kubeconfig"))
        #expect(problem("").contains("current-context"))
    }
}
