/* Holds a process, and all that it starts, to AVX2: what asks the processor for its instruction sets is told of none beyond.

   cc -O2 -shared -fPIC -o hold_avx2.so benchmarks/hold_avx2.c && LD_PRELOAD=$PWD/hold_avx2.so python benchmarks/suite.py

   Each library has a switch of its own for that, or none, so that one may be held and its peer not. Here the instruction that
   all of them ask faults (arch_prctl(2), ARCH_SET_CPUID; Linux on x86-64 where /proc/cpuinfo says cpuid_fault), and is answered
   below, less the bits of AVX-512, AMX and AVX-VNNI (Intel SDM volume 2, CPUID, leaf 7; leaves 0x1D and 0x1E tell of AMX alone).
   /proc/cpuinfo goes on to name them: of what a process says of its processor, that is not held. */
#define _GNU_SOURCE
#include <cpuid.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <ucontext.h>
#include <unistd.h>

#define ARCH_SET_CPUID 0x1012
#define AVX512_B (1u << 16 | 1u << 17 | 1u << 21 | 1u << 26 | 1u << 27 | 1u << 28 | 1u << 30 | 1u << 31)
#define AVX512_C (1u << 1 | 1u << 6 | 1u << 11 | 1u << 12 | 1u << 14)
#define AVX512_D (1u << 2 | 1u << 3 | 1u << 8 | 1u << 22 | 1u << 23 | 1u << 24 | 1u << 25)

static long faulting(int whether) { return syscall(SYS_arch_prctl, ARCH_SET_CPUID, !whether); }

static void answer(int number, siginfo_t *info, void *context) {
    greg_t *registers = ((ucontext_t *)context)->uc_mcontext.gregs;
    const unsigned char *code = (const unsigned char *)registers[REG_RIP];
    if (info->si_code != SI_KERNEL || code[0] != 0x0F || code[1] != 0xA2) { /* a fault of the program's own ends it */
        signal(number, SIG_DFL);
        return;
    }
    unsigned leaf = (unsigned)registers[REG_RAX], part = (unsigned)registers[REG_RCX], a, b, c, d;
    faulting(0);
    __cpuid_count(leaf, part, a, b, c, d);
    faulting(1);
    if (leaf == 7 && part == 0) {
        b &= ~AVX512_B;
        c &= ~AVX512_C;
        d &= ~AVX512_D;
    } else if (leaf == 7 || leaf == 0x1D || leaf == 0x1E) {
        a = b = c = d = 0;
    }
    registers[REG_RAX] = a;
    registers[REG_RBX] = b;
    registers[REG_RCX] = c;
    registers[REG_RDX] = d;
    registers[REG_RIP] += 2;
}

__attribute__((constructor)) static void hold(void) {
    struct sigaction action = {.sa_sigaction = answer, .sa_flags = SA_SIGINFO | SA_NODEFER};
    sigaction(SIGSEGV, &action, NULL);
    if (faulting(1)) {
        fputs("this processor or kernel does not let a process hide instruction sets\n", stderr);
        _exit(1);
    }
}
