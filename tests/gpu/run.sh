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
# train:* need: where little can be brought at a time, bring them after the programs (xz makes a third of them; unpack
# them there). Each such step does the runs of the grid table2-cifar10 at the scale gpu-short that it names by their
# numbers, side by side; those of reports/measured/runs are not done again. PyTorch and JAX are measured if python3, or
# what DISMAX_GPU_PYTHON names, has them. Records, logits and logs go to reports/out/gpu; weights stay in .cache/gpu. To
# begin anew, remove reports/out/gpu and .cache/gpu/runs. Paths are seen from the repository's root.
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
step_limit=${DISMAX_GPU_STEP_LIMIT:-450} # seconds

fail() {
    echo "tests/gpu/run.sh: $*" >&2
    exit 1
}

# tested lists the packages whose tests the step "tests" runs. The Go backend's are here for the processor beside the GPU,
# which mostly has AVX-512, and many others have not.
tested() {
    if [ -n "$smoke" ]; then
        echo tests/golden
    else
        printf '%s\n' tests/golden tests/pytorch models dismaxlib dismaxlib/posthoc dismaxlib/network dismaxlib/training \
            dismaxlib/detect dismaxlib/experiment tests/backends dismaxlib/backend/goconv \
            dismaxlib/backend/goconv/internal/{batchnorm,direct,elementwise,fence,kept,kerneltest,pool,rows,slack,winograd}
    fi
}

# build compiles the commands, and each package's tests as a program of its own.
build() {
    local package
    rm -rf "$work/programs" "$work/programs.complete"
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

# have_programs unpacks or builds them, if that was not done to the end. What older ones passed is of no value then.
have_programs() {
    local packed=$work/programs.tar.xz complete=$work/programs.complete
    if [ -f "$packed" ]; then
        [ ! "$complete" -nt "$packed" ] || return 0
        rm -rf "$work/programs" "$complete" "$out/tests" "$out/done/tests"
        tar -C "$work" -xf "$packed"
    elif [ -e "$complete" ]; then
        return 0
    elif command -v go >/dev/null; then
        build
    else
        fail "neither Go nor $packed is here: \`tests/gpu/run.sh build\` makes that file where Go is"
    fi
    touch "$complete"
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

# limited COMMAND... interrupts a command that takes too long. It stays in the script's own group of processes, so that
# what ends the script ends the command.
limited() {
    timeout --foreground --signal=INT --kill-after=20 "$step_limit" "$@"
}

# ended PID waits for a process in the background to its end, also if a signal comes first, and returns its status.
ended() {
    local status=0
    wait "$1" || status=$?
    while kill -0 "$1" 2>/dev/null; do
        wait "$1" || status=$?
    done
    return "$status"
}

# all_ended PID... waits for all of them. A failure counts before an interruption.
all_ended() {
    local pid code status=0
    for pid in "$@"; do
        code=0
        ended "$pid" || code=$?
        if [ "$status" = 0 ] || { interrupted "$status" && [ "$code" != 0 ]; }; then status=$code; fi
    done
    return "$status"
}

# interrupted STATUS says whether it is of a command that was interrupted: by timeout, its last resort, or signals.
interrupted() {
    case $1 in 124 | 129 | 130 | 137 | 143) ;; *) return 1 ;; esac
}

# machine says what computes.
machine() {
    if [ "$(device)" = cuda ]; then
        nvidia-smi --query-gpu=name,driver_version,memory.total,compute_cap --format=csv || return
    fi
    limited "$work/programs/dismax" backends
}

# run_all_tests runs the tests of all packages side by side: XLA compiles most of the time, on the CPU.
run_all_tests() {
    local package running=() status=0
    for package in $(tested); do
        run_tests "$package" >"$work/tests-${package//\//-}.txt" &
        running+=($!)
    done
    trap : INT TERM
    all_ended "${running[@]}" || status=$?
    for package in $(tested); do
        cat "$work/tests-${package//\//-}.txt"
    done
    return "$status"
}

# run_tests PACKAGE runs the package's tests in its folder, but for those that an interrupted run passed. They compute in
# full float32: TF32 rounds products to 10 bits, and the golden values are finer than that.
run_tests() {
    local log=$out/tests/${1//\//-}.log program options=() passed former status=0
    program=$(realpath "$work/programs/${1//\//-}.test")
    mkdir -p "$out/tests"
    touch "$log"
    former=$(wc -c <"$log")
    passed=$(sed -n 's/^--- PASS: \([^ ]*\) .*/\1/p' "$log" 2>/dev/null | paste -sd'|' -)
    [ -z "$passed" ] || options+=("-test.skip=^($passed)\$")
    [ -z "$smoke" ] || options+=("-test.run=^TestGoldenLosses\$/^[0-3]_")
    if [ "$(device)" = cuda ]; then
        export GOMLX_BACKEND=$GOMLX_BACKEND,tf32=false NVIDIA_TF32_OVERRIDE=0
    fi
    (cd "$1" && limited "$program" -test.v "${options[@]}") >>"$log" 2>&1 || status=$?
    awk '/^ *--- PASS/ && !seen[$3]++ { passed++ } /^ *--- SKIP/ && !seen[$3]++ { print; skipped++ }
        END { printf "%s: %d passed, %d skipped; all that they said: %s\n", package, passed, skipped, FILENAME }
        ' package="$1" "$log"
    [ "$status" = 0 ] || tail -c "+$((former + 1))" "$log" | grep -E '^ *--- FAIL|^panic:' || true
    return "$status"
}

# run_bench PRECISION measures what the record lacks in it.
run_bench() {
    local options=(--rounds 2 --only "resnet34:64,resnet34:512,resnet20:64")
    [ -z "$smoke" ] || options=(--rounds 1 --only resnet8:8 --steps 2)
    [ "$(device)" = cuda ] || options+=(--engines "$GOMLX_BACKEND,jax,torch")
    limited "$work/programs/dismax" backends >/dev/null || return # bench leaves out an engine that is not usable
    limited "$work/programs/bench" compare --device "$(device)" --precision "$1" --program "$work/programs/dismax" \
        --python "${DISMAX_GPU_PYTHON:-python3}" --out "$out/bench.json" "${options[@]}"
}

# run_training INDEX,INDEX does these runs of the grid side by side, and copies what is not weights.
run_training() {
    local grid=(table2-cifar10 --scale gpu-short) running=() index status=0
    mkdir -p "$work/runs" "$out/runs"
    if [ -n "$smoke" ]; then
        grid=(table2-cifar10 --scale smoke)
    elif [ -z "${DISMAX_DATA:-}" ]; then
        echo "DISMAX_DATA names no folder of images"
        return 1
    else
        bring_measured || return
    fi
    for index in ${1//,/ }; do
        limited "$work/programs/dismax" grid run "${grid[@]}" --index "$index" --out "$work/runs" \
            >>"$out/train-$index.log" 2>&1 &
        running+=($!)
    done
    trap : INT TERM
    all_ended "${running[@]}" || status=$?
    for index in ${1//,/ }; do
        tr '\r' '\n' <"$out/train-$index.log" | tail -n 3
    done
    limited "$work/programs/dismax" grid collect "${grid[@]}" --from "$work/runs" --out "$out/runs" ||
        [ "$status" != 0 ] || status=$?
    return "$status"
}

# bring_measured puts the runs of reports/measured/runs among those here, each whole or not at all.
bring_measured() {
    local from to
    for from in reports/measured/runs/cifar10-resnet34-*/; do
        to=$work/runs/$(basename "$from")
        if [ -d "$from" ] && [ ! -e "$to" ]; then
            rm -rf "$work/measured"
            cp -r "$from" "$work/measured" && mv -T "$work/measured" "$to" || return
        fi
    done
}

# do_step STEP runs a step in a shell of its own and notes that it is done. In there a failing command ends nothing by
# itself.
do_step() {
    local step=$1 status=0
    printf '\n== %s\n' "$step"
    rm -f "$(stamp "$step")"
    case $step in
        machine) (machine) | tee "$out/machine.txt" || status=$? ;;
        tests) (run_all_tests) || status=$? ;;
        bench:*) (run_bench "${step#bench:}") || status=$? ;;
        train:*) (run_training "${step#train:}") || status=$? ;;
    esac
    if [ "$status" = 0 ]; then
        touch "$(stamp "$step")"
    elif interrupted "$status"; then
        echo "Interrupted ($status), after $step_limit seconds at the latest: the same step goes on."
        return "$status"
    else
        echo "FAILED ($status)"
        return "$status"
    fi
}

# stamp is the file that says that a step is done.
stamp() {
    echo "$out/done/${1//[:\/]/-}"
}

# only_one waits for what an earlier call may have left behind: every program has the lock until it ends.
only_one() {
    exec 9>"$work/lock"
    flock --nonblock 9 || {
        echo "Waiting for what an earlier call left behind."
        flock 9
    }
    trap 'exit 130' INT
    trap 'exit 143' TERM
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
        mkdir -p "$work"
        only_one
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
for step in ${steps[@]+"${steps[@]}"}; do
    case $step in
        machine | tests | bench:?* | train:[0-9]*) ;;
        *) fail "there is no step $step; tests/gpu/run.sh steps lists them" ;;
    esac
done
mkdir -p "$work" "$out/done"
only_one
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
