import ArgumentParser
import KubernetesModel
import ManifestRenderer
import Testing

@testable import CommandLineTool

/// How arguments are understood, and how the program ends where they are not.
@Suite struct CommandTests {
    @Test(arguments: [
        ["nothing"], ["manifest", "generate", "--nope"], ["validate"], ["manifest", "diff", "a.yaml"], ["uninstall"],
        ["profile", "dump", "-o", "table"], ["completion", "tcsh"], ["manifest", "generate", "-f"],
    ])
    func wrongUsage(_ arguments: [String]) {
        do {
            _ = try ApusCommand.parseAsRoot(arguments)
            Issue.record("accepted")
        } catch {
            #expect(ApusCommand.usageMessage(for: error)?.contains("apus") == true)
        }
    }

    @Test("What stands behind `authz` is its own, not that of the command above it")
    func optionsOfSubcommands() throws {
        let arguments = ["translate", "authz", "-f", "a.yaml", "--kind", "tcp", "-f", "b.yaml", "--trust-domain", "td"]
        let command = try #require(try ApusCommand.parseAsRoot(arguments) as? TranslateAuthorizationCommand)
        #expect(command.files == ["a.yaml", "b.yaml"])
        #expect(command.kind == .tcp)
        #expect(command.trustDomain == "td")
        #expect(
            try ApusCommand.parseAsRoot(["translate", "-f", "a.yaml", "--proxy", "a.b"]) is TranslateResourcesCommand)
    }

    @Test(arguments: [["--help"], ["manifest", "generate", "-h"]])
    func helpIsNoMistake(_ arguments: [String]) throws {
        do {
            var command = try ApusCommand.parseAsRoot(arguments)
            try command.run()
            Issue.record("no help")
        } catch {
            #expect(ApusCommand.usageMessage(for: error) == nil)
            #expect(ApusCommand.exitCode(for: error) == .success)
        }
    }

    @Test func faultsAreNoUsage() {
        #expect(ApusCommand.usageMessage(for: ExitCode.fault) == nil)
        #expect(ExitCode.fault.rawValue == 1)
        #expect(ExitCode.usage.rawValue == 2)
    }

    @Test func componentsAreChosenByName() throws {
        #expect(try chosenComponents([]) == Set(Component.allCases))
        #expect(try chosenComponents(["base, Pilot", "ingressgateways"]) == [.base, .pilot, .ingressGateways])
        let fault = try #require(throws: InputFault.self) { try chosenComponents(["Pilt,Cni", "x"]) }
        #expect(fault.findings.map(\.place?.description) == ["--component Pilt", "--component x"])
        #expect(fault.findings[0].message.contains("did you mean Pilot?"))
    }

    @Test func theOptionsOfIstioctl() throws {
        let command = try #require(
            try ApusCommand.parseAsRoot([
                "manifest", "generate", "-f", "a.yaml", "--filename", "b.yaml", "-s", "hub=x", "--set", "tag=y",
                "--revision", "canary", "-d", "/profiles", "-i", "mesh", "--dry-run", "--force", "-o", "out.yaml",
            ]) as? GenerateCommand)
        #expect(command.operatorOptions.files == ["a.yaml", "b.yaml"])
        #expect(command.operatorOptions.settings == ["hub=x", "tag=y"])
        #expect(command.operatorOptions.manifests == "/profiles")
        #expect(command.output == "out.yaml")
        #expect(command.force)
    }

    @Test func optionsAreFieldsOfTheSpec() throws {
        let options = try OperatorOptions.parse([
            "--set", "revision=a", "--revision", "b", "--manifests", "/p", "-i", "mesh",
        ])
        #expect(
            try options.input().object.json["spec"] == [
                "revision": "b", "installPackagePath": "/p", "namespace": "mesh",
                "values": ["global": ["istioNamespace": "mesh"]],
            ])
    }

    @Test(arguments: ["install", "uninstall"])
    func noConfirmationIsAsked(_ name: String) throws {
        _ = try ApusCommand.parseAsRoot([name, "-f", "a.yaml", "-y"])
        _ = try ApusCommand.parseAsRoot([name, "-f", "a.yaml", "--skip-confirmation"])
    }

    @Test func everyShellHasItsScript() throws {
        for shell in CompletionCommand.Shell.allCases {
            let command = try ApusCommand.parseAsRoot(["completion", shell.rawValue])
            #expect(command is CompletionCommand)
        }
    }
}
