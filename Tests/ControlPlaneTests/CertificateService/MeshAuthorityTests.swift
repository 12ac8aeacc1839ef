import CertificateAuthority
import CertificateService
import FoundationEssentials
import Synchronization
import Testing

@Suite struct MeshAuthorityTests {
    @Test("Who is told of changes is told of none once it has ended")
    func listenersEnd() throws {
        let authority = MeshAuthority(try SelfSignedRoot().material(now: .now))
        let told = Mutex<[String]>([])
        let first = authority.onChange { _ in told.withLock { $0.append("first") } }
        authority.onChange { _ in told.withLock { $0.append("second") } }
        authority.use(try SelfSignedRoot().material(now: .now))
        #expect(told.withLock { $0 } == ["first", "second"])
        first.end()
        first.end()
        authority.use(try SelfSignedRoot().material(now: .now))
        #expect(told.withLock { $0 } == ["first", "second", "second"])
    }
}
