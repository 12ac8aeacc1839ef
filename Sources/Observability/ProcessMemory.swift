#if canImport(Glibc)
import CMalloc
#endif

/// What the process holds of the node's memory.
///
/// The allocator keeps what was freed, for each thread's arena. A control loop needs much for a moment, when it reads or
/// applies large objects, and then little for hours.
package enum ProcessMemory {
    /// Has all threads allocate from one arena. To be called once, first.
    static func useOneArena() {
        #if canImport(Glibc)
        mallopt(M_ARENA_MAX, 1)
        #endif
    }

    /// Gives freed memory back to the node. Takes about a millisecond.
    package static func returnFreed() {
        #if canImport(Glibc)
        malloc_trim(0)
        #endif
    }
}
