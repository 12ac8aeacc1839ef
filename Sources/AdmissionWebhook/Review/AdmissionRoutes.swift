import KubernetesModel
package import Observability

/// Who decides about objects.
package protocol AdmissionJudging: Sendable {
    /// - Parameter path: Of the call, after the part that says which judge is asked; without leading slash, not decoded.
    func verdict(on request: AdmissionRequest, path: String) async -> AdmissionVerdict

    /// A call held nothing that could be decided about, and was answered with a status of HTTP.
    func refused(status: Int)
}

extension AdmissionJudging {
    package func refused(status: Int) {}
}

extension HTTPRoute {
    /// A webhook: AdmissionReview in, AdmissionReview out.
    ///
    /// - Parameter prefix: What of the path the judge need not see.
    package static func admission(_ judge: any AdmissionJudging, below prefix: String) -> HTTPRoute {
        HTTPRoute(methods: ["POST"]) { call in
            let request: AdmissionRequest
            do throws(AdmissionReviewError) { request = try AdmissionRequest(parsing: call.body) } catch {
                judge.refused(status: 400)
                return .text("\(error)\n", status: 400)
            }
            let rest = call.path.dropFirst(prefix.count).drop { $0 == "/" }
            let verdict = await judge.verdict(on: request, path: String(rest))
            return HTTPReply(
                status: 200, contentType: "application/json", body: verdict.review(answering: request).jsonBytes)
        }
    }
}
