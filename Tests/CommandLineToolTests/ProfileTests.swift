import FoundationEssentials
import InstallationValues
import IstioAPI
import KubernetesModel
import ManifestRenderer
import Testing

@testable import CommandLineTool

/// Profiles as they are printed, and those that stand in files.
@Suite struct ProfileTests {
    /// What is dumped is an IstioOperator that asks for the same again.
    @Test(arguments: Profile.allCases)
    func aDumpedProfileMeansTheSame(_ profile: Profile) throws {
        let dumped = try dumpedSpec(of: profile.rawValue, over: try OperatorInput([], []))
        let read = IstioOperatorSpec.read(dumped)
        #expect(read.diagnostics == [])
        var expected = profile.spec
        expected.profile = profile.rawValue
        #expect(read.spec == expected)
    }

    @Test func laysFilesOverTheProfile() throws {
        let input = try operatorInput([head + "  profile: minimal\n  hub: example.com/x\n"], "values.global.network=n")
        let dumped = try dumpedSpec(of: nil, over: input)
        #expect(dumped["profile"] == "minimal")
        #expect(dumped["hub"] == "example.com/x")
        #expect(dumped["values", "global", "network"] == "n")
        #expect(dumped["values", "global", "istioNamespace"] == "istio-system")
    }

    @Test func namesTheNearestProfile() throws {
        do {
            _ = try dumpedSpec(of: "ambiant", over: try OperatorInput([], []))
            Issue.record("accepted")
        } catch {
            #expect(error.description.contains("there is no profile \"ambiant\" (did you mean \"ambient\"?)"))
        }
    }

    @Test func takesProfilesOfAFolder() throws {
        try inFolder { folder in
            try write(head + "  hub: example.com/own\n  profile: default\n", into: "\(folder)/profiles/own.yaml")
            try write(head + "  values: {global: {network: n}}\n", into: "\(folder)/default.yaml")
            try write("a: b\n", into: "\(folder)/profiles/other.yaml")
            #expect(try profileNames(in: folder) == ["default", "own"])

            let input = try operatorInput([head + "  profile: own\n  tag: x\n  installPackagePath: \(folder)\n"])
            let dumped = try dumpedSpec(of: nil, over: input)
            #expect(dumped["hub"] == "example.com/own")
            #expect(dumped["values", "global", "network"] == "n")

            let rendering = Rendering(input, kubernetesMinor: 30)
            let istiod = rendering.manifests?.manifests.first {
                $0.reference.description == "Deployment istio-system/istiod"
            }
            let containers = istiod?.object.json["spec", "template", "spec", "containers"]
            #expect(containers?.array?.first?["image"] == "example.com/own/pilot:x")
        }
    }

    @Test func takesAProfileThatIsAPath() throws {
        try inFolder { folder in
            try write(head + "  hub: example.com/own\n", into: "\(folder)/own.yaml")
            let input = try operatorInput([head + "  profile: \(folder)/own.yaml\n"])
            #expect(try dumpedSpec(of: nil, over: input)["hub"] == "example.com/own")
        }
    }

    @Test func namesFaultsInTheProfilesFile() throws {
        try inFolder { folder in
            try write(head + "  hubb: x\n", into: "\(folder)/own.yaml")
            let input = try operatorInput([head + "  profile: own\n  installPackagePath: \(folder)\n"])
            #expect(
                Rendering(input, kubernetesMinor: 30).findings.map(\.description) == [
                    "\(folder)/own.yaml:5:3: error: profile own: spec.hubb: unknown field \"hubb\"; did you mean \"hub\"?"
                ])
        }
    }

    @Test func namesWhatIsMissing() throws {
        let folder = try operatorInput([head + "  installPackagePath: /does/not/exist\n"])
        #expect(
            Rendering(folder, kubernetesMinor: 30).findings.map(\.description) == [
                "a.yaml:5:3: error: IstioOperator istio-system/mesh: spec.installPackagePath: there is no folder "
                    + "\"/does/not/exist\"; remove the field to use the built-in profiles"
            ])
        let file = try operatorInput([head + "  profile: ./does-not-exist.yaml\n"])
        #expect(
            Rendering(file, kubernetesMinor: 30).findings.map(\.description) == [
                "a.yaml:5:3: error: IstioOperator istio-system/mesh: spec.profile: there is no file "
                    + "\"./does-not-exist.yaml\""
            ])
    }

    @Test func aSpecWithoutFilesMeansTheSame() {
        let specs = ["own": IstioOperatorSpec.read(["hub": "a", "tag": "1"]).spec]
        let profiles = PackageProfiles(specs: specs, findings: [])
        #expect(
            profiles.spec(under: ["profile": "own", "tag": "2", "installPackagePath": "/x"]) == [
                "hub": "a", "tag": "2",
            ])
        #expect(profiles.spec(under: ["profile": "demo"]) == ["profile": "demo"])
    }

    private func inFolder(_ body: (String) throws -> Void) throws {
        let folder = "\(temporaryFolder)/apus-profiles-\(UInt64.random(in: 0 ... .max))"
        try FileManager.default.createDirectory(atPath: "\(folder)/profiles", withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try body(folder)
    }
}

private let temporaryFolder = FileManager.default.temporaryDirectory.path
