#!/usr/bin/env bash
# Shows on an NVIDIA GPU everything that only a GPU can show: the tests on xla:cuda, times beside PyTorch's and JAX's, and
# ResNet-34 trained on real images. It needs no network. Each step takes less than eight minutes; one that is interrupted
# goes on where it was, and one that is done is not done again, so the machine may be taken away at any time. An H100 with
# 16 cores takes a quarter of an hour for bench:tf32, one pair of trainings and the tests.
#
#   tests/gpu/run.sh build     where there is Go: packs the programs as .cache/gpu/programs.tar.xz, to be brought along
#   tests/gpu/run.sh steps     lists the steps, and which are done
#   tests/gpu/run.sh           does all that are not
#   tests/gpu/run.sh STEP...   does these
#
# On the machine with the GPU the programs come from that file, or are built if Go is there. The plugin is found as
# `dismax backends` finds it. DISMAX_DATA names the folder of the images (cifar10*, tinyimagenet*), which only the steps
# train:* need: where little can be brought at a time, bring them after the programs (as .zip.xz they are a third as
# large). Each such step does two runs of the grid table2-cifar10 at the scale gpu-short, named by their numbers, side by
# side; those of reports/measured/runs are not done again. PyTorch and JAX are measured if python3, or what
# DISMAX_GPU_PYTHON names, has them. Records, logits and logs go to reports/out/gpu; weights stay in .cache/gpu. To begin
# anew, remove both.
#
# Rehearsal on a CPU, in three minutes, with folders of its own:
#
#   DISMAX_GPU_BACKEND=xla:cpu tests/gpu/run.sh --smoke
#
# --out FOLDER and --work FOLDER take the place of reports/out/gpu and .cache/gpu. Exit status 1: a step failed or has
# not come to its end.

set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
export GOTOOLCHAIN=auto GOEXPERIMENT=simd DISMAX_OFFLINE=1 GOMLX_NO_AUTO_INSTALL=1
export GOMLX_BACKEND=${DISMAX_GPU_BACKEND:-xla:cuda}

work=
out=
smoke=
step_limit=450 # seconds

fail() {
    echo "tests/gpu/run.sh: $*" >&2
    exit 1
}

# tested lists the packages whose tests the step "tests" runs.
tested() {
    if [ -n "$smoke" ]; then
        echo tests/golden
    else
        printf '%s\n' tests/golden tests/pytorch models dismaxlib dismaxlib/posthoc dismaxlib/network dismaxlib/training \
            dismaxlib/detect dismaxlib/experiment tests/backends
    fi
}

# build compiles the commands, and each package's tests as a program of its own.
build() {
    local package
    rm -rf "$work/programs"
    mkdir -p "$work/programs"
    go build -buildvcs=auto -ldflags="-s -w" -o "$work/programs/" ./dismaxlib/cmd/dismax ./tests/bench
    for package in $(tested); do
        echo "compiling the tests of $package"
        go test -c -vet=off -ldflags="-s -w" -o "$work/programs/${package//\//-}.test" "./$package"
    done
}

# pack makes one file of the programs. They have most of their code in common, which a large dictionary notices.
pack() {
    tar -C "$work" -c programs | xz -T1 --lzma2=preset=2,dict=192MiB >"$work/programs.tar.xz.part"
    mv "$work/programs.tar.xz.part" "$work/programs.tar.xz"
    ls -lh "$work/programs.tar.xz"
}

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

# list_steps begins with what is asked for first: times want the machine for themselves.
list_steps() {
    local precision pair
    echo machine
    for precision in $(precisions); do
        echo "bench:$precision"
    done
    echo tests
    for pair in $(pairs); do
        echo "train:$pair"
    done
}

precisions() {
    if [ "$(device)" = cuda ]; then echo tf32 float32 bfloat16; else echo float32 bfloat16; fi
}

# pairs are runs of the grid, five for a seed: SoftMax and DisMax with FPR first.
pairs() {
    if [ -n "$smoke" ]; then echo 0,4; else echo 0,4 3,2 5,9 8,7 10,14 13,12 1,6 11; fi
}

# device is what PyTorch and JAX call it.
device() {
    case $GOMLX_BACKEND in
        *cuda*) echo cuda ;;
        *) echo cpu ;;
    esac
}

# limited COMMAND... interrupts a command that takes too long.
limited() {
    timeout --signal=INT --kill-after=20 "$step_limit" "$@"
}

# machine says what computes.
machine() {
    if [ "$(device)" = cuda ]; then
        nvidia-smi --query-gpu=name,driver_version,memory.total,compute_cap --format=csv || return
    fi
    "$work/programs/dismax" backends
}

# run_all_tests runs the tests of all packages side by side: XLA compiles most of the time, on the CPU.
run_all_tests() {
    local package running=() status=0
    for package in $(tested); do
        run_tests "$package" >"$work/${package//\//-}.txt" &
        running+=($!)
    done
    for package in $(tested); do
        wait "${running[0]}" || status=$?
        running=("${running[@]:1}")
        cat "$work/${package//\//-}.txt"
    done
    return "$status"
}

# run_tests PACKAGE runs the package's tests in its folder, but for those that an interrupted run passed. They compute in
# full float32: TF32 rounds products to 10 bits, and the golden values are finer than that.
run_tests() {
    local log=$out/tests/${1//\//-}.log program options=() passed status=0
    program=$(realpath "$work/programs/${1//\//-}.test")
    mkdir -p "$out/tests"
    passed=$(sed -n 's/^--- PASS: \([^ ]*\) .*/\1/p' "$log" 2>/dev/null | paste -sd'|' -)
    [ -z "$passed" ] || options+=("-test.skip=^($passed)\$")
    [ -z "$smoke" ] || options+=("-test.run=^TestGoldenLosses\$/^[0-3]_")
    if [ "$(device)" = cuda ]; then
        export GOMLX_BACKEND=$GOMLX_BACKEND,tf32=false NVIDIA_TF32_OVERRIDE=0
    fi
    (cd "$1" && limited "$program" -test.v "${options[@]}") >>"$log" 2>&1 || status=$?
    awk '/^ *--- PASS/ { passed++ } /^ *--- SKIP/ { print; skipped++ }
        END { printf "%s: %d passed, %d skipped; all that they said: %s\n", package, passed, skipped, FILENAME }
        ' package="$1" "$log"
    [ "$status" = 0 ] || grep -E '^ *--- FAIL|^panic:' "$log" | sort -u || true
    return "$status"
}

# run_bench PRECISION measures what the record lacks in it.
run_bench() {
    local options=(--rounds 2 --only "resnet34:64,resnet34:512,resnet20:64")
    [ -z "$smoke" ] || options=(--rounds 1 --only resnet8:8 --steps 2)
    [ "$(device)" = cuda ] || options+=(--engines "$GOMLX_BACKEND,jax,torch")
    limited "$work/programs/bench" compare --device "$(device)" --precision "$1" --program "$work/programs/dismax" \
        --python "${DISMAX_GPU_PYTHON:-python3}" --out "$out/bench.json" "${options[@]}"
}

# run_training INDEX,INDEX does these runs of the grid side by side, and copies what is not weights.
run_training() {
    local grid=(table2-cifar10 --scale gpu-short) running=() index status=0
    [ -z "$smoke" ] || grid=(table2-cifar10 --scale smoke)
    if [ -z "$smoke" ] && [ -z "${DISMAX_DATA:-}" ]; then
        echo "DISMAX_DATA names no folder of images"
        return 1
    fi
    mkdir -p "$work/runs"
    [ -n "$smoke" ] || cp -rn reports/measured/runs/cifar10-resnet34-* "$work/runs/" 2>/dev/null || true
    for index in ${1//,/ }; do
        limited "$work/programs/dismax" grid run "${grid[@]}" --index "$index" --out "$work/runs" \
            >"$work/run-$index.txt" 2>&1 &
        running+=($!)
    done
    for index in ${1//,/ }; do
        wait "${running[0]}" || status=$?
        running=("${running[@]:1}")
        tr '\r' '\n' <"$work/run-$index.txt" | tail -n 3
    done
    "$work/programs/dismax" grid collect "${grid[@]}" --from "$work/runs" --out "$out/runs" || return
    return "$status"
}

# do_step STEP runs a step in a shell of its own and notes that it is done. In there a failing command ends nothing by
# itself.
do_step() {
    local step=$1 status=0
    printf '\n== %s\n' "$step"
    case $step in
        machine) (machine) | tee "$out/machine.txt" || status=$? ;;
        tests) (run_all_tests) || status=$? ;;
        bench:*) (run_bench "${step#bench:}") || status=$? ;;
        train:*) (run_training "${step#train:}") || status=$? ;;
        *) fail "there is no step $step; tests/gpu/run.sh steps lists them" ;;
    esac
    case $status in
        0) touch "$(stamp "$step")" ;;
        124 | 130) echo "Not at its end after $step_limit seconds: the same step goes on." ;;
        *) echo "FAILED ($status)" ;;
    esac
    return "$status"
}

# stamp is the file that says that a step is done.
stamp() {
    echo "$out/done/${1//[:\/]/-}"
}

steps=()
while [ $# -gt 0 ]; do
    case $1 in
        --smoke) smoke=yes ;;
        --out) out=${2:?} && shift ;;
        --work) work=${2:?} && shift ;;
        -*) fail "unknown option $1; see the top of this file" ;;
        *) steps+=("$1") ;;
    esac
    shift
done
work=${work:-.cache/gpu${smoke:+-smoke}}
out=${out:-reports/out/gpu${smoke:+-smoke}}

case ${steps[*]:-} in
    build)
        build
        pack
        exit
        ;;
    steps)
        for step in $(list_steps); do
            if [ -e "$(stamp "$step")" ]; then echo "done  $step"; else echo "      $step"; fi
        done
        exit
        ;;
esac
mkdir -p "$work" "$out/done"
have_programs
if [ ${#steps[@]} = 0 ]; then
    for step in $(list_steps); do
        [ -e "$(stamp "$step")" ] || steps+=("$step")
    done
fi
status=0
for step in ${steps[@]+"${steps[@]}"}; do
    do_step "$step" || status=1
done
printf '\n%s\n' "$([ "$status" = 0 ] && echo "All of it is done: $out" || echo "Something is not done; see above.")"
exit "$status"
