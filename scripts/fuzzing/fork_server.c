// Loaded into the program by LD_PRELOAD (see server.py): the program is started and linked once, and stops before its
// main function. For each input it is forked there, and the child goes on as a process that was started by itself: it has
// its own arguments, folder, output, limits and end. Only the start is shared, which takes longer than most inputs.
//
// A request, on descriptor 198: an unsigned 32-bit length, then texts that end in a zero byte: the folder, the file for the
// output, the file for the errors, and the arguments. Answers, on descriptor 199, are of eight signed 64-bit numbers: first
// the identifier of the process, and once it has ended its status as of wait, microseconds of user and of system
// time, and its largest memory in KiB.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

enum { requests = 198, answers = 199, most_arguments = 256 };

typedef int (*main_function)(int, char **, char **);
static main_function program_main;
static int is_quick;

// With libtorch linked in advance the end of a process would take longer than most inputs: it lets go of everything.
void exit(int status) {
  if (is_quick) {
    fflush(NULL);
    _exit(status);
  }
  void (*original)(int) __attribute__((noreturn));
  *(void **)&original = dlsym(RTLD_NEXT, "exit");
  original(status);
}

static int take(void *buffer, size_t size) {
  for (char *next = buffer; size > 0;) {
    ssize_t count = read(requests, next, size);
    if (count <= 0) return 0;
    next += count;
    size -= (size_t)count;
  }
  return 1;
}

static void become(char *text, size_t length, char *name, char **environment) {
  char *parts[most_arguments + 1] = {0};
  int count = 0;
  for (size_t place = 0; place < length && count < most_arguments; place += strlen(text + place) + 1)
    parts[count++] = text + place;
  if (count < 3 || chdir(parts[0])) _exit(99);
  int in = open("/dev/null", O_RDONLY), out = open(parts[1], O_WRONLY | O_CREAT, 0600), err = open(parts[2], O_WRONLY | O_CREAT, 0600);
  if (in < 0 || out < 0 || err < 0) _exit(99);
  dup2(in, 0);
  dup2(out, 1);
  dup2(err, 2);
  close(in);
  close(out);
  close(err);
  close(requests);
  close(answers);
  setpgid(0, 0);
  const char *memory = getenv("FUZZ_MEMORY");
  if (memory) {
    struct rlimit limit = {strtoull(memory, NULL, 10), strtoull(memory, NULL, 10)};
    setrlimit(RLIMIT_AS, &limit);
  }
  struct rlimit none = {0, 0};
  setrlimit(RLIMIT_CORE, &none);
  unsetenv("LD_PRELOAD");
  is_quick = getenv("FUZZ_LIBRARY") != NULL;
  parts[2] = name;
  // Swift asks the system for the arguments, not main.
  void (*override)(char **, int) = (void (*)(char **, int))dlsym(RTLD_DEFAULT, "_swift_stdlib_overrideUnsafeArgvArgc");
  if (override) override(parts + 2, count - 2);
  exit(program_main(count - 2, parts + 2, environment));
}

static int serve(int count, char **arguments, char **environment) {
  (void)count;
  const char *library = getenv("FUZZ_LIBRARY");
  if (library && !dlopen(library, RTLD_NOW | RTLD_GLOBAL)) return 98;
  int64_t answer[8] = {0};
  if (write(answers, answer, sizeof answer) != sizeof answer) return 97;
  uint32_t length;
  while (take(&length, sizeof length)) {
    char *text = malloc(length + 1);
    if (!text || !take(text, length)) return 97;
    text[length] = 0;
    pid_t child = fork();
    if (child < 0) return 97;
    if (child == 0) become(text, length, arguments[0], environment);
    free(text);
    memset(answer, 0, sizeof answer);
    answer[0] = child;
    if (write(answers, answer, sizeof answer) != sizeof answer) return 97;
    int status = 0;
    struct rusage usage;
    if (wait4(child, &status, 0, &usage) != child) return 97;
    answer[1] = status;
    answer[2] = usage.ru_utime.tv_sec * 1000000 + usage.ru_utime.tv_usec;
    answer[3] = usage.ru_stime.tv_sec * 1000000 + usage.ru_stime.tv_usec;
    answer[4] = usage.ru_maxrss;
    if (write(answers, answer, sizeof answer) != sizeof answer) return 97;
  }
  return 0;
}

int __libc_start_main(
    main_function function, int count, char **arguments, void (*start)(void), void (*end)(void), void (*loader)(void), void *stack) {
  int (*original)(main_function, int, char **, void (*)(void), void (*)(void), void (*)(void), void *);
  *(void **)&original = dlsym(RTLD_NEXT, "__libc_start_main");
  program_main = function;
  // Other programs that this one starts are left alone.
  int is_served = fcntl(requests, F_GETFD) >= 0 && getenv("FUZZ_SERVER") != NULL;
  return original(is_served ? serve : function, count, arguments, start, end, loader, stack);
}
