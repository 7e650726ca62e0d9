// C++ exceptions: thrown by the library, caught by their base, thrown again, past destructors, and many times.

#include <cstdio>
#include <memory>
#include <stdexcept>
#include <vector>

struct Trace {
    const char *name;
    explicit Trace(const char *name) : name(name) {}
    ~Trace() { std::printf("  ~%s\n", name); }
};

[[gnu::noinline]] static int element(const std::vector<int> &numbers, unsigned index) {
    return numbers.at(index);
}

[[gnu::noinline]] static void fail(int kind) {
    Trace trace("fail");
    switch (kind) {
    case 0: throw std::runtime_error("an error at run time");
    case 1: throw kind;
    case 2: throw std::make_unique<int>(42);
    default: return;
    }
}

[[gnu::noinline]] static void pass_on(int kind) {
    Trace trace("pass_on");
    try {
        fail(kind);
        std::puts("  nothing thrown");
    } catch (const std::logic_error &) {
        std::puts("  not reached");
    } catch (const std::runtime_error &error) {
        std::printf("  again: %s\n", error.what());
        throw;
    }
}

static void attempt(int kind) {
    std::printf("kind %d\n", kind);
    try {
        pass_on(kind);
    } catch (const std::exception &error) {
        std::printf("  exception: %s\n", error.what());
    } catch (int number) {
        std::printf("  int: %d\n", number);
    } catch (...) {
        std::puts("  something else");
    }
}

/// A throw in the destructor's way: a handler within the unwinding of another exception.
struct Nested {
    ~Nested() {
        try {
            fail(0);
        } catch (const std::runtime_error &) {
            std::puts("  caught while another is on its way");
        }
    }
};

[[gnu::noinline]] static int depth(int frames) {
    if (frames == 0) throw frames;
    return depth(frames - 1) + 1;
}

int main() {
    std::vector<int> numbers{10, 20, 30};
    for (unsigned index = 1; index < 5; index++) {
        try {
            std::printf("%d\n", element(numbers, index));
        } catch (const std::out_of_range &error) {
            std::printf("out of range: %s\n", error.what());
        }
    }
    for (int kind = 0; kind < 4; kind++) attempt(kind);
    try {
        Nested nested;
        fail(1);
    } catch (int number) {
        std::printf("int: %d\n", number);
    }
    int caught = 0;
    for (int turn = 0; turn < 5000; turn++) {
        try {
            depth(turn % 50);
        } catch (int) {
            caught++;
        }
    }
    std::printf("%d\n", caught);
}
