import AgentRuntime
import CertificateAuthority
import FoundationEssentials
import Logging

extension WorkloadCertificates {
    /// Has certificates signed, each in time before the last one ends.
    func renewFromAuthority() async {
        let client = CertificateAuthorityClient(endpoint: settings.authority.endpoint)
        var failures = 0
        while !Task.isCancelled {
            let start = ContinuousClock.now
            do {
                let request = try CertificateRequest(spiffeID: settings.spiffeID, rsaBits: settings.keyKind.rsaBits)
                let (chain, roots) = try await client.certificate(for: request, lifetime: settings.lifetime)
                let identity = try WorkloadIdentity(chain: chain, privateKey: request.privateKey, roots: roots)
                metrics.asked(isRetry: failures > 0, took: .now - start, succeeded: true)
                failures = 0
                let now = Date.now
                obtain(identity)
                let renewal = renewalTime(
                    for: identity.validity, obtained: now, graceRatio: settings.graceRatio,
                    jitter: Double.random(in: -settings.graceJitter...settings.graceJitter))
                await wait(until: renewal)
            } catch is CancellationError {
                return
            } catch {
                metrics.asked(isRetry: failures > 0, took: .now - start, succeeded: false)
                failures += 1
                let delay = settings.backoff.delay(afterFailures: failures, random: Double.random(in: 0..<1))
                logger.warning(
                    "No certificate obtained, the last one stays",
                    metadata: [
                        "authority": "\(settings.authority.address)", "error": "\(error)", "retry in": "\(delay)",
                    ])
                try? await Task.sleep(for: delay)
            }
        }
    }

    /// Until then by the wall clock, which may be set, or until a certificate is wanted sooner.
    private func wait(until moment: Date) async {
        repeat {
            // At once never: an authority whose certificates have no life left is not to be flooded.
            let rest = Duration.seconds(max(moment.timeIntervalSinceNow, 0.1))
            try? await Task.sleep(for: min(rest, settings.pollInterval))
        } while !Task.isCancelled && !wantsRenewal && moment.timeIntervalSinceNow > 0
    }

    /// Follows the files that others keep.
    func watchFiles(_ files: CertificateFiles) async {
        await watch(files.all) {
            let chain = try PEMBlocks.certificates(in: try Files.text(files.chain))
            let key = try PrivateKeyPEM(parsing: try Files.text(files.key))
            let roots =
                Files.exists(files.root) ? try TrustBundle(parsing: try Files.text(files.root)) : TrustBundle([])
            obtain(try WorkloadIdentity(chain: chain, privateKey: key, roots: roots))
        }
    }

    /// Follows the mesh's roots, and tells how long certificates are good for.
    func watchRoots() async {
        await watch([settings.meshRootFile]) {
            guard Files.exists(settings.meshRootFile) else { return }
            setFileRoots(try TrustBundle(parsing: try Files.text(settings.meshRootFile)))
        } always: {
            if let current { metrics.note(current, now: .now) }
        }
    }

    /// Reads files when they have changed; what cannot be read is read again at the next look.
    private func watch(_ paths: [String], read: () throws -> Void, always: () -> Void = {}) async {
        var last: FileStamp?
        var lastProblem = ""
        while !Task.isCancelled {
            let stamp = FileStamp(paths)
            if stamp != last {
                do {
                    try read()
                    last = stamp
                    lastProblem = ""
                } catch {
                    if "\(error)" != lastProblem {
                        metrics.fileFailed(error)
                        logger.warning(
                            "Certificates in files cannot be used, the last ones stay",
                            metadata: ["files": "\(paths.joined(separator: ", "))", "error": "\(error)"])
                    }
                    lastProblem = "\(error)"
                }
            }
            always()
            try? await Task.sleep(for: settings.pollInterval)
        }
    }
}
