//! The targets, and what can be done for each on this machine.

/// One target.
#[derive(Debug)]
pub(super) struct Target {
    pub(super) name: &'static str,
    pub(super) way: Way,
}

/// What is done.
#[derive(Clone, Copy, Debug)]
pub(super) enum Way {
    /// Checked: its system, or its linker, cannot be had here. For the C of dependencies zig stands in, by this name of a target.
    Check { compiler: &'static str },
    /// The compiler says in one sentence that it is not supported.
    Refused { builds_std: bool },
    /// Built, and the native tests run.
    Test(System),
}

/// How programs of another system are linked and run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum System {
    /// By zig; the kernel of this machine runs it.
    Here,
    /// The same with the libraries of a Debian package.
    HereWith { package: &'static str },
    /// By zig; an emulator of the user mode runs it with the libraries of a Debian package.
    Qemu { emulator: &'static str, libraries: &'static str, package: &'static str },
    /// By MinGW; Wine runs it.
    Wine,
}

pub(super) const TARGETS: &[Target] = &[
    check("aarch64-linux-android", "aarch64-linux-musl"),
    check("armv7-linux-androideabi", "arm-linux-musleabi"),
    check("x86_64-linux-android", "x86_64-linux-musl"),
    check("aarch64-apple-ios", "aarch64-macos"),
    check("aarch64-apple-darwin", "aarch64-macos"),
    check("x86_64-apple-darwin", "x86_64-macos"),
    check("x86_64-unknown-freebsd", "x86_64-freebsd"),
    check("x86_64-pc-windows-msvc", "x86_64-windows-gnu"),
    refused("wasm32-wasip1"),
    refused("wasm32-wasip2"),
    refused("wasm32-unknown-emscripten"),
    Target { name: "wasm64-unknown-unknown", way: Way::Refused { builds_std: true } },
    test("x86_64-unknown-linux-musl", System::Here),
    test("i686-unknown-linux-gnu", System::HereWith { package: "libc6-i386" }),
    test(
        "aarch64-unknown-linux-gnu",
        System::Qemu { emulator: "qemu-aarch64", libraries: "/usr/aarch64-linux-gnu", package: "libc6-arm64-cross" },
    ),
    // The one with the big end first: masks, lengths, `DataReader`, UTF-16.
    test(
        "s390x-unknown-linux-gnu",
        System::Qemu { emulator: "qemu-s390x", libraries: "/usr/s390x-linux-gnu", package: "libc6-s390x-cross" },
    ),
    test("x86_64-pc-windows-gnu", System::Wine),
];

const fn check(name: &'static str, compiler: &'static str) -> Target {
    Target { name, way: Way::Check { compiler } }
}

const fn refused(name: &'static str) -> Target {
    Target { name, way: Way::Refused { builds_std: false } }
}

const fn test(name: &'static str, system: System) -> Target {
    Target { name, way: Way::Test(system) }
}
