// SPDX-License-Identifier: Apache-2.0
// What a connector in C++ needs behind the lock-down: static constructors, exceptions, threads,
// strings. test-lockdown compiles it when there is a C++ compiler.
#include <cerrno>
#include <fcntl.h>
#include <map>
#include <stdexcept>
#include <string>
#include <thread>

namespace
{
struct Constructed {
    int opened;
    std::map<std::string, int> names{{"one", 1}, {"two", 2}};
    Constructed() : opened(open("/etc/passwd", O_RDONLY) < 0 ? errno : 0) {}
} constructed;

int thrown(int depth)
{
    if (depth == 0)
        throw std::runtime_error(std::string(1000, 'x'));
    std::string held(static_cast<size_t>(depth), 'y'); // to be destroyed on the way
    return thrown(depth - 1) + static_cast<int>(held.size());
}

int caught()
{
    try {
        return thrown(50);
    } catch (const std::exception &e) {
        return std::string(e.what()).size() == 1000 ? 0 : 2;
    }
}
} // namespace

extern "C" int cxx_constructor_opened()
{
    return constructed.names.size() == 2 ? constructed.opened : -1;
}
extern "C" int cxx_catches()
{
    return caught();
}
extern "C" int cxx_thread_catches()
{
    int result = 1;
    std::thread([&result] { result = caught(); }).join();
    return result;
}
