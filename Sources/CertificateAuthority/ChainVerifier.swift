import FoundationEssentials
import X509

/// Walks from a signing certificate to a root, one signature at a time, and says where the walk ends.
struct ChainVerifier {
    var source: String
    var now: Date
    /// The trusted roots.
    var roots: [Certificate]
    /// Certificates offered in between, in any order; may repeat the signing certificate and roots.
    var chain: [Certificate]

    /// The certificates between `certificate` and its root, nearest first.
    ///
    /// - Throws: ``CAMaterialError`` about the first certificate on the way that does not hold.
    func intermediates(above certificate: Certificate) throws(CAMaterialError) -> [Certificate] {
        let key = CAMaterial.SecretKey.self
        try check(certificate, under: key.certificate, casBelow: 0)
        var path: [Certificate] = []
        var current = certificate
        while !roots.contains(current) {
            if let root = issuer(of: current, among: roots) {
                try check(root, under: key.root, casBelow: path.count + 1)
                return path
            }
            let unused = chain.filter { $0 != certificate && !path.contains($0) }
            guard let next = issuer(of: current, among: unused) else { throw brokenChain(at: current) }
            try check(next, under: key.chain, casBelow: path.count + 1)
            path.append(next)
            current = next
        }
        return path.filter { !roots.contains($0) }
    }

    private func issuer(of certificate: Certificate, among candidates: [Certificate]) -> Certificate? {
        candidates.first {
            $0.subject == certificate.issuer && $0.publicKey.isValidSignature(certificate.signature, for: certificate)
        }
    }

    /// - Parameter casBelow: How many CA certificates hang below this one; its path length must allow them.
    private func check(_ certificate: Certificate, under key: String, casBelow: Int) throws(CAMaterialError) {
        let subject = "(subject \"\(certificate.subject)\")"
        let constraints = try? certificate.extensions.basicConstraints
        guard case .isCertificateAuthority(let pathLength) = constraints else {
            throw CAMaterialError(
                source: source, key: key, reason: .notAuthority,
                found: "holds a certificate \(subject) that is not a CA (basic constraints lack CA:TRUE)",
                remedy: "Use a certificate made for signing, with CA:TRUE and key usage keyCertSign.")
        }
        if let usage = try? certificate.extensions.keyUsage, !usage.keyCertSign {
            throw CAMaterialError(
                source: source, key: key, reason: .notAuthority,
                found: "holds a certificate \(subject) whose key usage lacks keyCertSign",
                remedy: "Use a certificate made for signing, with CA:TRUE and key usage keyCertSign.")
        }
        if let pathLength, pathLength < casBelow {
            throw CAMaterialError(
                source: source, key: key, reason: .brokenChain,
                found: "holds a certificate \(subject) that allows \(pathLength) CAs below it where \(casBelow) hang",
                remedy: "Have it issued with a larger path length, or shorten the chain.")
        }
        let end = certificate.notValidAfter
        let start = certificate.notValidBefore
        if now > end {
            throw CAMaterialError(
                source: source, key: key, reason: .outsideValidity,
                found: "holds a certificate \(subject) that expired at \(end.formatted(.iso8601)) "
                    + "(it is \(now.formatted(.iso8601)))",
                remedy: "Renew it, or check this machine's clock.")
        }
        if now < start {
            throw CAMaterialError(
                source: source, key: key, reason: .outsideValidity,
                found: "holds a certificate \(subject) that is valid only from \(start.formatted(.iso8601)) "
                    + "(it is \(now.formatted(.iso8601)))",
                remedy: "Wait, or check this machine's clock.")
        }
    }

    private func brokenChain(at certificate: Certificate) -> CAMaterialError {
        let key = CAMaterial.SecretKey.self
        let selfIssued = certificate.issuer == certificate.subject
        return CAMaterialError(
            source: source, key: selfIssued ? key.root : key.chain, reason: .brokenChain,
            found: selfIssued
                ? "does not contain the self-signed certificate \"\(certificate.subject)\" that the chain ends in"
                : "and \(key.root) hold no certificate that signed \"\(certificate.subject)\" "
                    + "(its issuer is \"\(certificate.issuer)\")",
            remedy: selfIssued
                ? "Put that certificate into \(key.root) too."
                : "Put the issuer's certificate into \(key.root) if it is the root, else into \(key.chain).")
    }
}
