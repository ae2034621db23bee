#!/usr/bin/env bash
# Shows on an NVIDIA GPU everything that only a GPU can show, in steps of less than eight minutes: the tests on
# xla:cuda, the times beside PyTorch and JAX, and ResNet-34 trained on real images. It needs no network. A step that was
# done is not done again, and one that was interrupted goes on where it was, so the machine may be taken away at any time.
#
#   tests/gpu/run.sh build     on a machine with Go: packs the programs as .cache/gpu/programs.tar.xz, to be brought along
#   tests/gpu/run.sh steps     lists the steps, and which are done
#   tests/gpu/run.sh           does all that are not
#   tests/gpu/run.sh STEP...   does these, done or not
#
# On the machine with the GPU it takes the programs from that file, or builds them where there is Go. The CUDA plugin is
# found as `dismax backends` finds it. DISMAX_DATA names the folder with the images (cifar10*, tinyimagenet*); PyTorch
# and JAX are measured if python3 has them. Records and logits go to reports/out/gpu, weights stay in .cache/gpu.
#
# Rehearsal on a CPU in three minutes: DISMAX_GPU_BACKEND=xla:cpu tests/gpu/run.sh --smoke
# --out FOLDER and --work FOLDER take the place of reports/out/gpu and .cache/gpu. Exit status 1: a step failed.

set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
export GOTOOLCHAIN=auto GOEXPERIMENT=simd
export DISMAX_OFFLINE=1 GOMLX_NO_AUTO_INSTALL=1

backend=${DISMAX_GPU_BACKEND:-xla:cuda}
work=.cache/gpu
out=reports/out/gpu
smoke=
step_limit=450 # seconds

fail() {
    echo "tests/gpu/run.sh: $*" >&2
    exit 1
}

# tested lists the packages whose tests are a step each.
tested() {
    if [ -n "$smoke" ]; then
        echo tests/golden
        return
    fi
    printf '%s\n' tests/golden dismaxlib dismaxlib/detect dismaxlib/experiment dismaxlib/network dismaxlib/posthoc \
        dismaxlib/training models tests/backends tests/pytorch
}

# build compiles the commands, and each package's tests as a program of its own.
build() {
    local package
    rm -rf "$work/programs" && mkdir -p "$work/programs"
    for package in dismaxlib/cmd/dismax tests/bench; do
        go build -ldflags="-s -w" -o "$work/programs/${package##*/}" "./$package"
    done
    for package in $(tested); do
        echo "compiling the tests of $package"
        go test -c -vet=off -ldflags="-s -w" -o "$work/programs/${package//\//-}.test" "./$package"
    done
}

# pack makes one file of the programs; they have most of their code in common, which a large dictionary notices.
pack() {
    tar -C "$work" -c programs | xz -T1 --lzma2=preset=6,dict=192MiB >"$work/programs.tar.xz"
    ls -lh "$work/programs.tar.xz"
}

# have_programs unpacks what was brought along, or builds.
have_programs() {
    [ ! -x "$work/programs/dismax" ] || return 0
    if [ -f "$work/programs.tar.xz" ]; then
        tar -C "$work" -xf "$work/programs.tar.xz"
    elif command -v go >/dev/null; then
        build
    else
        fail "neither Go nor $work/programs.tar.xz is here: \`tests/gpu/run.sh build\` makes that file where Go is"
    fi
}

# programs prints the absolute path of a program.
program() {
    realpath "$work/programs/$1"
}

list_steps() {
    echo machine
    tested | sed 's/^/test:/'
    if [ "$backend" = xla:cuda ]; then
        echo bench:float32
        echo bench:tf32
    else
        echo bench:float32
    fi
    echo bench:bfloat16
    echo train:softmax
    echo train:dismax-fpr
}

# limited COMMAND... interrupts a command that takes too long; what it left is continued by the same step.
limited() {
    timeout --signal=INT --kill-after=20 "$step_limit" "$@"
}

machine() {
    { nvidia-smi --query-gpu=name,driver_version,memory.total,compute_cap --format=csv || [ "$backend" != xla:cuda ]; } \
        2>&1
    GOMLX_BACKEND=$backend "$(program dismax)" backends
}

# run_test PACKAGE runs the package's tests in its folder, in full float32: TF32 rounds products to 10 bits, and the
# golden values are finer than that.
run_test() {
    local log options=()
    log=$(realpath "$out")/tests-${1//\//-}.log
    [ -z "$smoke" ] || options=(-test.run 'Loss|Score')
    [ "$backend" != xla:cuda ] || export GOMLX_BACKEND=xla:cuda,tf32=false NVIDIA_TF32_OVERRIDE=0
    (cd "$1" && GOMLX_BACKEND=${GOMLX_BACKEND:-$backend} limited "$(OLDPWD= cd - >/dev/null; program x)" ) || true
}
