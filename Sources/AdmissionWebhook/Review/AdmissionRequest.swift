package import KubernetesModel

/// What the API server asks about one object: the part of an AdmissionReview that is looked at.
package struct AdmissionRequest: Hashable, Sendable {
    /// `admission.k8s.io/v1` or `admission.k8s.io/v1beta1`; the answer speaks it, too.
    package var apiVersion: String
    /// Repeated in the answer.
    package var uid: String
    /// `CREATE`, `UPDATE`, `DELETE` or `CONNECT`.
    package var operation: String
    /// Of the object, as the webhook is called for it.
    package var kind: GroupVersionKind
    /// The resource's plural, such as `pods`.
    package var resource: String
    /// Empty for objects of the cluster.
    package var namespace: String
    /// The object as it is to be; null for a deletion.
    package var object: JSONValue
    /// Nothing will be stored.
    package var isDryRun: Bool

    /// Reads an AdmissionReview.
    ///
    /// - Throws: What is missing for an answer.
    package init(parsing body: [UInt8]) throws(AdmissionReviewError) {
        let review: JSONValue
        do throws(JSONSyntaxError) { review = try JSONValue(parsing: body) } catch {
            throw AdmissionReviewError(problem: "the body is \(error)")
        }
        let version = review["apiVersion"]?.string ?? ""
        guard review["kind"]?.string == "AdmissionReview", Self.versions.contains(version) else {
            throw AdmissionReviewError(
                problem: "the body is no AdmissionReview of \(Self.versions.joined(separator: " or "))")
        }
        guard let request = review["request"], let uid = request["uid"]?.string, !uid.isEmpty else {
            throw AdmissionReviewError(problem: "the AdmissionReview has no request.uid")
        }
        func text(_ field: String...) -> String { request.value(at: field)?.string ?? "" }
        apiVersion = version
        self.uid = uid
        operation = text("operation")
        kind = GroupVersionKind(
            group: text("kind", "group"), version: text("kind", "version"), kind: text("kind", "kind"))
        resource = text("resource", "resource")
        namespace = text("namespace")
        object = request["object"] ?? .null
        isDryRun = request["dryRun"]?.bool ?? false
    }

    private static let versions = ["admission.k8s.io/v1", "admission.k8s.io/v1beta1"]
}

/// A body that is no question.
package struct AdmissionReviewError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What is wrong with it.
    package var problem: String

    package var description: String {
        "cannot answer: \(problem); this address is for webhook calls of a Kubernetes API server"
    }
}
