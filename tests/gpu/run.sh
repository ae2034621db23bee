#!/usr/bin/env bash
# Runs the tests and a short training on an NVIDIA GPU, by a CUDA plugin that is already on the machine (the one in
# JAX's wheels: pip install "jax[cuda13]"), and prints what it found. Nothing but Go modules is downloaded.
#
#   tests/gpu/run.sh          on the GPU's machine: builds if it has Go, else uses what `build` left in .cache/gpu
#   tests/gpu/run.sh build    on a machine with Go: compiles the programs, packed as .cache/gpu/programs.tar.xz
#
# DISMAX_PJRT_PLUGIN names the plugin's file if it is not found by itself. DISMAX_DATA is used for training if it is
# set; without it the data are synthetic. Results go to reports/out/gpu. Exit status 1: a test or the training failed.

set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
export GOTOOLCHAIN=auto GOEXPERIMENT=simd

programs=.cache/gpu/programs
packed=.cache/gpu/programs.tar.xz
results=reports/out/gpu

say() {
    printf '\n== %s\n' "$*"
}

fail() {
    echo "tests/gpu/run.sh: $*" >&2
    exit 1
}

# packages_with_graphs lists the folders of the packages whose tests run on a backend.
packages_with_graphs() {
    go list -f '{{.Dir}} {{join .TestImports " "}} {{join .XTestImports " "}}' ./... |
        awk -v root="$PWD/" '/ [^ ]*\/tests\/testkit( |$)/ { print substr($1, length(root) + 1) }'
}

# build compiles the command, and each package's tests as a program of its own with the folder they must run in.
build() {
    local package
    rm -rf "$programs" && mkdir -p "$programs"
    go build -ldflags="-s -w" -o "$programs/dismax" ./dismaxlib/cmd/dismax
    packages_with_graphs >"$programs/packages"
    while read -r package; do
        echo "compiling the tests of $package"
        go test -c -vet=off -ldflags="-s -w" -o "$programs/${package//\//-}.test" "./$package"
    done <"$programs/packages"
}

# find_plugin prints the path of the CUDA plugin: named, in a Python's packages, or where go-xla installs its own.
find_plugin() {
    local plugin
    if [ -n "${DISMAX_PJRT_PLUGIN:-}" ]; then
        [ -f "$DISMAX_PJRT_PLUGIN" ] || fail "DISMAX_PJRT_PLUGIN=$DISMAX_PJRT_PLUGIN is not a file"
        realpath "$DISMAX_PJRT_PLUGIN"
        return
    fi
    if command -v python3 >/dev/null; then
        plugin=$(python3 -c '
import glob, os, sys
found = [p for d in sys.path for p in glob.glob(os.path.join(d, "jax_plugins", "xla_cuda*", "xla_cuda_plugin.so"))]
print(max(found, default=""))')
        [ -z "$plugin" ] || { echo "$plugin"; return; }
    fi
    for plugin in "$HOME"/.local/lib/go-xla/*cuda*.so /usr/local/lib/go-xla/*cuda*.so; do
        [ ! -f "$plugin" ] || { echo "$plugin"; return; }
    done
    fail 'no CUDA plugin found: pip install "jax[cuda13]", or name its file in DISMAX_PJRT_PLUGIN'
}

# find_cuda_libraries PLUGIN prints the folder in which XLA's compiler finds libdevice: in the wheels beside the plugin,
# else the toolkit's. Nothing is printed if there is none; XLA then searches for itself.
find_cuda_libraries() {
    local folder packages
    packages=$(dirname "$(dirname "$(dirname "$1")")")
    for folder in "$packages"/nvidia/cu1* "$packages"/nvidia/cuda_nvcc "$(dirname "$(dirname "$1")")"/nvidia/cu1* \
        "${CUDA_HOME:-/usr/local/cuda}" /usr/local/cuda-1*; do
        if [ -f "$folder/nvvm/libdevice/libdevice.10.bc" ]; then
            echo "$folder"
            return
        fi
    done
}

# run_tests runs every test program in its package's folder and counts; it fails if a test failed or none ran.
run_tests() {
    local package log=$results/tests.log status=0
    : >"$log"
    while read -r package; do
        echo "-- $package" | tee -a "$log"
        (cd "$package" && "$OLDPWD/$programs/${package//\//-}.test" -test.v -test.timeout=8m) >>"$log" 2>&1 ||
            { status=1; echo "   FAILED"; }
    done <"$programs/packages"
    awk '/^ *--- SKIP/ { print; print previous; skipped++ }
        /^ *--- FAIL/ { print; failed++ }
        /^panic:/ { print; died++ }
        /^ *--- PASS/ { passed++ }
        { previous = $0 }
        END {
            printf "%d passed, %d failed, %d skipped\n", passed, failed, skipped
            exit (failed + died > 0 || passed == 0)
        }' "$log" || status=1
    [ "$status" = 0 ] || echo "(all that the tests said: $log)"
    return "$status"
}

train() {
    local dataset=synthetic
    [ -z "${DISMAX_DATA:-}" ] || dataset=cifar10
    rm -rf "$results/run"
    "$programs/dismax" run --dataset "$dataset" --model resnet20 --loss dismax --epochs 2 --train-limit 10000 \
        --out "$results/run"
    echo "The record: $results/run/record.json"
}

if [ "${1:-}" = build ]; then
    build
    tar -C "$(dirname "$programs")" -c "$(basename "$programs")" | xz -T1 --lzma2=preset=6,dict=192MiB >"$packed"
    ls -lh "$packed"
    exit
fi
[ $# -eq 0 ] || fail "unknown argument $1; see the top of this file"

say "The GPU"
command -v nvidia-smi >/dev/null || fail "no nvidia-smi: this machine has no NVIDIA driver, so no GPU to test on"
nvidia-smi --query-gpu=name,driver_version,memory.total,compute_cap --format=csv

say "The plugin"
plugin=$(find_plugin)
echo "$plugin"
ls -d "$(dirname "$(dirname "$(dirname "$plugin")")")"/jax_cuda*_p*.dist-info 2>/dev/null || true
cuda=$(find_cuda_libraries "$plugin")
echo "CUDA's libraries for XLA's compiler: ${cuda:-not found; XLA searches for itself}"
[ -z "$cuda" ] || export XLA_FLAGS="${XLA_FLAGS:-} --xla_gpu_cuda_data_dir=$cuda"
export GOMLX_NO_AUTO_INSTALL=1

say "The programs"
if command -v go >/dev/null; then
    build
elif [ -f "$packed" ]; then
    echo "No Go here: unpacking $packed."
    rm -rf "$programs"
    tar -C "$(dirname "$programs")" -xf "$packed"
else
    fail "neither Go nor $packed is here: run \`tests/gpu/run.sh build\` on a machine with Go, and bring that file"
fi
mkdir -p "$results"
export GOMLX_BACKEND="xla:$plugin"
"$programs/dismax" backends

status=0
say "The tests, in full float32 (TF32 rounds products to 10 bits, and the golden values are finer than that)"
GOMLX_BACKEND="xla:$plugin,tf32=false" NVIDIA_TF32_OVERRIDE=0 run_tests || status=1
say "A short training, with the defaults"
train || status=1
say "$([ "$status" = 0 ] && echo "All is well." || echo "Something failed; see above.")"
exit "$status"
