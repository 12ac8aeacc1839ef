import Testing
import X509

@testable import CertificateAuthority

@Suite struct TrustBundleTests {
    @Test func rendersOneTextWhateverTheOrder() throws {
        let one = try Authority("One").certificate
        let two = try Authority("Two").certificate
        let three = try Authority("Three").certificate
        let bundle = TrustBundle([one, two, three])
        #expect(TrustBundle([three, one, two, one]) == bundle)
        #expect(TrustBundle([three, two, one, three]).pem == bundle.pem)
        #expect(try TrustBundle(parsing: bundle.pem) == bundle)
        #expect(bundle.pem.hasSuffix("-----END CERTIFICATE-----\n"))
    }

    @Test func mergesOldAndNew() throws {
        let old = try Authority("Old").certificate
        let new = try Authority("New").certificate
        let both = TrustBundle([old]).merged(with: TrustBundle([new]))
        #expect(Set(both.certificates) == [old, new])
        #expect(both.certificates.count == 2)
        #expect(both.merged(with: TrustBundle([old])) == both)
        #expect(TrustBundle([new]).merged(with: TrustBundle([old])) == both)
    }
}
