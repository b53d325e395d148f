"""Rebuilds quickjs.wasm, or checks that the committed one is what these sources give.

    python3 build.py            # writes quickjs.wasm and quickjs.wasm.sha256
    python3 build.py --check    # builds into a temporary folder and compares

Needs Python 3.10, pip and cargo, and fetches two packages, both pinned by version and hash. Ordinary builds of the project do not
need any of this.
"""

import argparse
import hashlib
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

import split_interpreter

HERE = Path(__file__).resolve().parent
WASM = HERE / 'quickjs.wasm'
# The pristine sources of quickjs-ng 0.16 lie in this crate.
CRATE, CRATE_VERSION = 'rquickjs-sys', '0.14.0'
CRATE_SHA256 = 'cee271d0eeba64f0915b846cb7ae02e16faf3dfdffdca91731101d9d30fe3423'
# Zig's C compiler, with the C library for WebAssembly. The hash is that of the wheel for Linux on x86-64.
ZIG_REQUIREMENT = 'ziglang==0.17.1 --hash=sha256:ea6cc5d87b033cf0aedfbc8f9549a908cae6c50ac31f1698188fa48a74524b54'

STACK_BYTES = 1 << 20
FLAGS = f"""
    -target wasm32-wasi -mexec-model=reactor -O2 -s -w
    -fwrapv -fno-strict-aliasing -funsigned-char -ffunction-sections
    -D_GNU_SOURCE -DNDEBUG -DEMSCRIPTEN -DFE_DOWNWARD=0 -DFE_UPWARD=0
    -Dgettimeofday=still_gettimeofday -Dclock_gettime=still_clock_gettime
    -Wl,--gc-sections -Wl,--strip-debug -Wl,-z,stack-size={STACK_BYTES}
""".split()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('--check', action='store_true')
    check = parser.parse_args().check
    with tempfile.TemporaryDirectory() as folder:
        built = build(Path(folder))
        if check:
            same = sha256(built) == sha256(WASM) == recorded_sha256()
            print('the same' if same else f'differs: built {sha256(built)}, committed {sha256(WASM)}')
            sys.exit(0 if same else 1)
        shutil.copy(built, WASM)
        WASM.chmod(0o644)
        recorded().write_text(f'{sha256(WASM)}  {WASM.name}\n')
        print(f'{WASM.name}: {WASM.stat().st_size} bytes')


def build(folder: Path) -> Path:
    sources = fetch_sources(folder)
    quickjs = sources / 'quickjs.c'
    quickjs.write_text(split_interpreter.split(quickjs.read_text()))
    regexp = sources / 'libregexp.c'
    regexp.write_text(split_interpreter.split_regexp(regexp.read_text()))
    shutil.copy(HERE / 'glue.c', sources)
    python = fetch_zig(folder)
    inputs = ['quickjs.c', 'libregexp.c', 'libunicode.c', 'dtoa.c', 'glue.c']
    built = folder / WASM.name
    run([python, '-m', 'ziglang', 'cc', *FLAGS, '-I.', *inputs, '-o', built], cwd=sources,
        env={'ZIG_GLOBAL_CACHE_DIR': str(folder / 'zig-cache')} | os.environ)
    return built


def fetch_sources(folder: Path) -> Path:
    home = folder / 'cargo'
    # Looking at a package is the one way by which cargo fetches it alone.
    run(['cargo', 'info', '--quiet', f'{CRATE}@{CRATE_VERSION}'], env=os.environ | {'CARGO_HOME': str(home)}, cwd=folder)
    archive = next(home.rglob(f'{CRATE}-{CRATE_VERSION}.crate'))
    if sha256(archive) != CRATE_SHA256:
        sys.exit(f'{archive.name} is not the one that was pinned')
    with tarfile.open(archive) as tar:
        tar.extractall(folder, filter='data')
    return folder / f'{CRATE}-{CRATE_VERSION}' / 'quickjs'


def fetch_zig(folder: Path) -> Path:
    requirements = folder / 'requirements.txt'
    requirements.write_text(ZIG_REQUIREMENT + '\n')
    run([sys.executable, '-m', 'venv', folder / 'venv'])
    python = folder / 'venv' / 'bin' / 'python'
    run([python, '-m', 'pip', 'install', '--quiet', '--no-deps', '--only-binary', ':all:', '--require-hashes', '-r', requirements])
    return python


def run(command, **options):
    subprocess.run([str(part) for part in command], check=True, stdout=subprocess.DEVNULL, **options)


def sha256(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()


def recorded() -> Path:
    return WASM.with_suffix('.wasm.sha256')


def recorded_sha256() -> str:
    return recorded().read_text().split()[0]


if __name__ == '__main__':
    main()
