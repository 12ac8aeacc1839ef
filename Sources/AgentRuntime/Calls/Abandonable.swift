/// Work that is not waited for when it should have ended and has not: gRPC does not always let go of a connection.
package struct Abandonable<Value: Sendable>: Sendable {
    private let results: AsyncStream<Result<Value, any Error>>
    private let result: AsyncStream<Result<Value, any Error>>.Continuation

    /// Nothing is under way yet.
    package init() {
        (results, result) = AsyncStream.makeStream(
            of: Result<Value, any Error>.self, bufferingPolicy: .bufferingOldest(1))
    }

    /// Counts the work as failed, whatever becomes of it.
    package func end(_ error: any Error) { result.yield(.failure(error)) }

    /// Runs the work until it ends, is counted as failed, or the task is cancelled. What is left of it is cancelled.
    package func run(_ work: @Sendable @escaping () async throws -> Value) async throws -> Value {
        let task = Task {
            do {
                result.yield(.success(try await work()))
            } catch {
                result.yield(.failure(error))
            }
        }
        defer { task.cancel() }
        for await result in results { return try result.get() }
        throw CancellationError()
    }
}
