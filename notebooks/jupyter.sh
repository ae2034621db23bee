#!/usr/bin/env bash
# Prepares what the notebooks need, and runs them with it. Everything that it makes lies in the repository's .cache/
# folder (ignored by git); your own Jupyter and its kernels are left alone. What is there already is not made again.
#
#   jupyter.sh setup                      install the GoNB kernel, and a Jupyter that can execute notebooks
#   jupyter.sh missing                    name what setup would install; nothing is printed when all is there
#   jupyter.sh execute NOTEBOOK FOLDER    execute a notebook with that kernel (options: see execute.py)
#   jupyter.sh pages FOLDER NOTEBOOK...   make HTML pages of notebooks as they are stored
#   jupyter.sh open                       open Jupyter on this folder

# shellcheck disable=SC2086 # lists of words are meant to split
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
repository=$(dirname "$here")
cache=$repository/.cache

export GOTOOLCHAIN=auto  # the machine's default may be "local", and its Go too old
export GOEXPERIMENT=simd # without it the Go backend takes about twice the time
export PATH=$cache/bin:$PATH
export JUPYTER_DATA_DIR=$cache/jupyter
export PYTHONDONTWRITEBYTECODE=1

# What executes notebooks, and what only a person at the keyboard needs: gopls completes names while one types. (The
# kernel starts it whenever it finds it, and it then shares the processor with the cells.)
kernel_tools=(github.com/janpfeifer/gonb golang.org/x/tools/cmd/goimports)
completion_tool=golang.org/x/tools/gopls
kernel_modules="nbclient nbconvert ipykernel docutils"
kernel_packages="jupyter-client jupyter-nbconvert python3-nbclient python3-ipykernel python3-docutils"

fail() {
    echo "jupyter.sh: $*" >&2
    exit 1
}

# missing_tools PACKAGE... prints the Go programs that are not in the cache, or are older than their pinned versions.
missing_tools() {
    local package
    for package in "$@"; do
        [ "$cache/bin/${package##*/}" -nt "$here/kernel/go.mod" ] || echo "$package"
    done
}

# install_tools PACKAGE... builds those that are missing.
install_tools() {
    local package missing
    missing=$(missing_tools "$@")
    [ -n "$missing" ] || return 0
    command -v go >/dev/null || fail "no Go found: install it from https://go.dev/dl/ and put its bin folder on PATH"
    for package in $missing; do
        echo "Installing ${package##*/} (from source, once)."
        GOBIN=$cache/bin GOWORK=off go -C "$here/kernel" install "$package"
        touch "$cache/bin/${package##*/}" # an up-to-date program keeps its old time
    done
}

# write_kernel_specification describes the kernel to Jupyter, with the environment that cells are compiled in. A cell is
# linked in half the time without symbols for debuggers.
write_kernel_specification() {
    local folder=$JUPYTER_DATA_DIR/kernels/gonb
    mkdir -p "$folder"
    cat >"$folder/kernel.json" <<JSON
{
 "argv": ["$cache/bin/gonb", "--kernel", "{connection_file}", "-raw_error", "-go_work=$repository",
          "-logtostderr=false", "-stderrthreshold=FATAL", "-log_file=$cache/jupyter/gonb.log"],
 "display_name": "Go (gonb)",
 "language": "go",
 "interrupt_mode": "message",
 "env": {"GOTOOLCHAIN": "$GOTOOLCHAIN", "GOEXPERIMENT": "$GOEXPERIMENT", "GOFLAGS": "-ldflags=-w", "PATH": "$PATH"}
}
JSON
}

# python_with MODULE... prints the first Python interpreter that has the modules.
python_with() {
    local python imports
    imports=$(IFS=,; echo "$*")
    for python in "$cache/venv/bin/python" python3 /usr/bin/python3; do
        if command -v "$python" >/dev/null && "$python" -c "import $imports" 2>/dev/null; then
            command -v "$python"
            return 0
        fi
    done
    return 1
}

# install_python MODULES DEBIAN_PACKAGES makes the modules importable: by Debian's packages where this user may install
# them, else from PyPI (where their names are those of the modules) in a virtual environment.
install_python() {
    local modules=$1 debian=$2
    python_with $modules >/dev/null && return 0
    if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
        echo "Installing Debian packages: $debian"
        apt-get update -qq
        DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $debian </dev/null >/dev/null
    else
        command -v python3 >/dev/null || fail "no python3 found, and Jupyter needs one: install it first"
        echo "Installing in $cache/venv: $modules"
        "$cache/venv/bin/python" -m pip --version >/dev/null 2>&1 || python3 -m venv --clear "$cache/venv" ||
            fail "no virtual environment could be made (on Debian and Ubuntu the package python3-venv is needed)"
        "$cache/venv/bin/python" -m pip install --quiet --disable-pip-version-check $modules
    fi
    python_with $modules >/dev/null || fail "installed Jupyter, but no Python here can import all of: $modules"
}

setup() {
    mkdir -p "$cache/bin"
    install_tools "${kernel_tools[@]}"
    install_python "$kernel_modules" "$kernel_packages"
    write_kernel_specification
    # With -export, what is listed is compiled: so no cell has to wait for that, or shows modules being downloaded.
    echo "Compiling the library."
    go -C "$repository" list -export ./... github.com/janpfeifer/gonb/gonbui >/dev/null
}

missing() {
    missing_tools "${kernel_tools[@]}"
    python_with $kernel_modules >/dev/null || echo "a Python with $kernel_modules"
}

execute() {
    setup
    exec "$(python_with $kernel_modules)" "$here/execute.py" "$@"
}

pages() {
    install_python "$kernel_modules" "$kernel_packages"
    exec "$(python_with $kernel_modules)" "$here/page.py" "$@"
}

open_jupyter() {
    local python front_end=notebook options=()
    setup
    install_tools $completion_tool
    ! python_with jupyterlab >/dev/null || front_end=jupyterlab
    install_python $front_end "jupyter-notebook"
    python=$(python_with $front_end)
    [ "$(id -u)" != 0 ] || options=(--allow-root)
    cd "$here"
    exec "$python" -m $front_end ${options[@]+"${options[@]}"} "$@"
}

command=${1:-}
[ $# -eq 0 ] || shift
case $command in
    setup) setup ;;
    missing) missing ;;
    execute) execute "$@" ;;
    pages) pages "$@" ;;
    open) open_jupyter "$@" ;;
    *)
        sed -n '2,/^$/s/^# \{0,1\}//p' "${BASH_SOURCE[0]}" >&2
        exit 2
        ;;
esac
