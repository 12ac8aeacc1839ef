import KubernetesModel
import Testing

@Suite struct CompliancePolicyTests {
    @Test(
        arguments: [
            ([:], nil), (["COMPLIANCE_POLICY": ""], nil), (["COMPLIANCE_POLICY": "fips-140-2"], .fips1402),
            (["COMPLIANCE_POLICY": "fips-140-3"], .fips1403), (["COMPLIANCE_POLICY": "pqc"], .postQuantum),
        ] as [([String: String], CompliancePolicy?)])
    func isReadFromTheEnvironment(_ environment: [String: String], _ policy: CompliancePolicy?) throws {
        #expect(try CompliancePolicy(environment: environment) == policy)
    }

    @Test(arguments: ["fips", "FIPS-140-2", "fips-140-4", " "])
    func isRefusedIfNobodyKnowsIt(_ name: String) {
        #expect {
            try CompliancePolicy(environment: ["COMPLIANCE_POLICY": name])
        } throws: { error in
            let text = "\(error)"
            return ["COMPLIANCE_POLICY", "\"\(name)\"", "fips-140-2", "fips-140-3", "pqc"].allSatisfy(text.contains)
        }
    }

    @Test func leavesVersionsThatFollowEachOther() {
        #expect(CompliancePolicy.fips1402.minimumVersion == .tls12)
        #expect(CompliancePolicy.fips1402.maximumVersion == .tls12)
        #expect(CompliancePolicy.fips1403.minimumVersion == .tls12)
        #expect(CompliancePolicy.fips1403.maximumVersion == .tls13)
        #expect(CompliancePolicy.postQuantum.minimumVersion == .tls13)
        #expect(CompliancePolicy.postQuantum.maximumVersion == .tls13)
    }
}
