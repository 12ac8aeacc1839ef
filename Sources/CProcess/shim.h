// Starts a program that does not outlive its parent. What has to happen between fork and exec cannot be written in
// Swift: there only functions that are safe in signal handlers may be called.
#pragma once

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

#if defined(__linux__)
#include <sys/prctl.h>
#include <sys/syscall.h>
#endif

// What the program inherits of open files beyond 0, 1 and 2 is nothing.
static inline void apus_close_on_exec(void) {
#if defined(__linux__) && defined(SYS_close_range)
    if (syscall(SYS_close_range, 3u, ~0u, 4u /* CLOSE_RANGE_CLOEXEC */) == 0) return;
#endif
    long limit = sysconf(_SC_OPEN_MAX);
    if (limit < 0 || limit > 65536) limit = 65536;
    for (int file = 3; file < limit; file++) fcntl(file, F_SETFD, FD_CLOEXEC);
}

// Starts a program and returns its process id, or -1 with `*failure` set to the error number.
//
// The program has no signal blocked or ignored. Where the kernel can, it is killed when the calling THREAD ends: that
// thread has to stay until the program has ended. With `leads_group` it, and whatever it starts, are a process group of
// the program's id.
static inline pid_t apus_spawn(
    const char *path, char *const arguments[], char *const environment[], int leads_group, int *failure) {
    int report[2];
    *failure = 0;
    if (pipe(report) != 0) {
        *failure = errno;
        return -1;
    }
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    const pid_t parent = getpid();
    const pid_t child = fork();
    if (child == 0) {
#if defined(__linux__)
        prctl(PR_SET_PDEATHSIG, SIGKILL);
#endif
        if (getppid() != parent) _exit(127);
        if (leads_group) setpgid(0, 0);
        for (int number = 1; number < 65; number++) signal(number, SIG_DFL);
        sigset_t none;
        sigemptyset(&none);
        sigprocmask(SIG_SETMASK, &none, 0);
        apus_close_on_exec();
        execve(path, arguments, environment);
        const int error = errno;
        ssize_t written = write(report[1], &error, sizeof error);
        (void)written;
        _exit(127);
    }
    const int fork_error = errno;
    pthread_sigmask(SIG_SETMASK, &before, 0);
    close(report[1]);
    if (child < 0) {
        *failure = fork_error;
    } else {
        int error = 0;
        ssize_t count;
        do count = read(report[0], &error, sizeof error);
        while (count < 0 && errno == EINTR);
        if (count == (ssize_t)sizeof error) {
            *failure = error;
            waitpid(child, 0, 0);
        }
    }
    close(report[0]);
    return *failure ? -1 : child;
}

// Waits until a child has ended. It stays known to the kernel: nobody else gets its process id.
static inline void apus_await(pid_t child) {
    siginfo_t information;
    while (waitid(P_PID, (id_t)child, &information, WEXITED | WNOWAIT) != 0 && errno == EINTR) {}
}

// Lets go of a child that has ended. Its exit code, or 128 and the number of the signal that ended it; -1 if there is no
// such child.
static inline int apus_reap(pid_t child) {
    int status;
    pid_t ended;
    do ended = waitpid(child, &status, 0);
    while (ended < 0 && errno == EINTR);
    if (ended < 0) return -1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

// What a file is: in Swift the fields of stat belong to whichever module was first to include it.
struct apus_file {
    uint64_t inode;
    int64_t size;
    int64_t seconds;
    int64_t nanoseconds;
    int is_socket;
};

// Looks at a file. 0: it is there.
static inline int apus_file_status(const char *path, struct apus_file *file) {
    struct stat status;
    if (stat(path, &status) != 0) return -1;
    file->inode = status.st_ino;
    file->size = status.st_size;
#if defined(__APPLE__)
    file->seconds = status.st_mtimespec.tv_sec;
    file->nanoseconds = status.st_mtimespec.tv_nsec;
#else
    file->seconds = status.st_mtim.tv_sec;
    file->nanoseconds = status.st_mtim.tv_nsec;
#endif
    file->is_socket = S_ISSOCK(status.st_mode);
    return 0;
}
