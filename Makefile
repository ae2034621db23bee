# The commands of the project: `make help` lists them. What they install goes to .cache/, results to reports/out/.

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

# The Go that go.mod asks for comes through the module proxy, whatever the machine's default. Without SIMD the Go
# backend takes about twice the time.
export GOTOOLCHAIN := auto
export GOEXPERIMENT := simd

# Tests and notebooks run in their own folders, so a relative path to the data is made absolute here.
ifneq ($(DISMAX_DATA),)
override DISMAX_DATA := $(if $(filter /%,$(DISMAX_DATA)),,$(CURDIR)/)$(DISMAX_DATA)
export DISMAX_DATA
ifeq ($(shell test -e "$(DISMAX_DATA)" && echo found),)
$(error DISMAX_DATA=$(DISMAX_DATA): no such file or folder)
endif
endif

out := reports/out
staticcheck := .cache/bin/staticcheck
jupyter := notebooks/jupyter.sh

.PHONY: help
help: ## list the commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-15s %s\n", $$1, $$2 }' Makefile

.PHONY: quickstart
quickstart: ## DisMax beside SoftMax in a few minutes: executes the first notebook
	@$(jupyter) execute notebooks/01_quickstart.ipynb $(out) --html
	@echo
	@echo "Look at  $(out)/01_quickstart.html                the executed notebook (make notebook opens it in Jupyter)"
	@echo "and      $(out)/quickstart/report/report.html     the report: tables and plots of both runs"

.PHONY: notebook
notebook: ## open Jupyter on the notebooks, with the Go kernel ready
	@$(jupyter) open

.PHONY: notebooks
notebooks: xla ## execute every notebook on XLA and store its outputs in it, as they are committed (NOTEBOOKS=...: those)
	@for notebook in $(or $(NOTEBOOKS),notebooks/*.ipynb); do \
		GOMLX_BACKEND=xla:cpu $(jupyter) execute "$$notebook" notebooks; done

.PHONY: site
site: ## pages of the notebooks as they are stored, and reports of the committed runs, with an index: reports/out/site
	@rm -rf $(out)/site
	@$(jupyter) pages $(out)/site/notebooks notebooks/*.ipynb
	@index=$$(go run ./notebooks/site $(out)/site reports/measured); \
		checked=$$(go test -count=1 ./notebooks/site -run TheMadeSite) || { echo "$$checked"; exit 1; }; \
		echo "Look at  $$index"

pretrained := dismaxlib/pretrained/files

.PHONY: detector
detector: ## make the detector that comes with the library of a finished run: RUN=folder
	@test -n "$(RUN)" || { echo "name the run: make detector RUN=folder"; exit 2; }
	@go run ./dismaxlib/cmd/dismax export "$(RUN)" $(pretrained)/cifar10.dismax
	@cp "$(RUN)/record.json" $(pretrained)/record.json
	@go test -count=1 ./dismaxlib/pretrained
	@go run ./dismaxlib/cmd/dismax detect

.PHONY: picture
picture: ## ten photographs with what that detector says of each, drawn for the README: needs CIFAR-10 and TinyImageNet
	@go run ./tests/picture

.PHONY: published
published: ## our runs beside those of the paper's published code, with intervals: the table of reports/measured (RUNS=folder: of those)
	@go run ./tests/published $(if $(RUNS),--runs "$(RUNS)")

# A test run writes events, which tests/summary counts, stage by stage; it goes on after a stage that failed. It kills few
# processes: make kill is for that.
go_test := DISMAX_OFFLINE=1 DISMAX_KILLS=4 go test -count=1 -vet=off -timeout=30m -json
summary := go run ./tests/summary $(if $(filter true,$(CI)),--forbid "missing tool" --forbid "no XLA plugin")

.PHONY: test
test: lint setup ## lint, all tests on the Go backend, and the first notebook at its smallest scale
	DISMAX_NOTEBOOKS=01_quickstart $(go_test) ./... | $(summary)

# XLA compiles each graph for 0.2 to 3 seconds; less, if it may compute more slowly.
xla := DISMAX_NOTEBOOKS=01_quickstart GOMLX_BACKEND=xla:cpu \
	XLA_FLAGS="--xla_backend_optimization_level=0 --xla_llvm_disable_expensive_passes=true"
on_xla := ./dismaxlib/network ./dismaxlib/detect ./dismaxlib/training ./dismaxlib/experiment \
	./tests/golden ./tests/pytorch ./tests/notebooks ./tests/gpu
# Large networks in float64, and hundreds of small graphs, take XLA more than ten minutes each.
slow_on_xla := ./dismaxlib ./dismaxlib/posthoc ./models ./tests/backends

.PHONY: test-all
test-all: lint setup xla ## the same with all notebooks, and once more on XLA most of what computes graphs
	{ echo "stage: goconv"; GOMLX_BACKEND=goconv $(go_test) ./... || true; \
		echo "stage: manifests"; GOWORK=off go -C tests/tools test -count=1 -json ./... || true; \
		echo "stage: xla:cpu"; $(xla) $(go_test) -skip TestGoldenModels $(on_xla) || true; } | $(summary)

.PHONY: test-xla
test-xla: xla ## all tests that compute graphs, on XLA: an hour on two cores (PACKAGES=./tests/backends: those)
	$(xla) $(go_test) -timeout=2h $(or $(PACKAGES),$(on_xla) $(slow_on_xla)) | $(summary)

.PHONY: lint
lint: $(staticcheck) ## gofmt, go vet and staticcheck
	@unformatted=$$("$$(go env GOROOT)/bin/gofmt" -l $$(find . -name '*.go' -not -path './.cache/*')); \
		if [ -n "$$unformatted" ]; then echo "not formatted by gofmt:"; echo "$$unformatted"; exit 1; fi
	go vet ./...
	$(staticcheck) ./...

$(staticcheck): tests/tools/go.mod
	@echo "Installing staticcheck and govulncheck (from source, once)."
	@GOBIN="$(CURDIR)/$(dir $@)" GOWORK=off go -C tests/tools install tool
	@touch $@

.PHONY: tidy
tidy: ## fails unless go mod tidy would leave every go.mod and go.sum as it is
	@status=0; for mod in $$(git ls-files '*go.mod'); do \
		if changes=$$(GOWORK=off go -C "$$(dirname "$$mod")" mod tidy -diff 2>&1); then echo "tidy: $$mod"; \
		elif grep -qE "dial tcp|connect: |no such host" <<<"$$changes"; then \
			echo "SKIPPED: $$mod, since modules cannot be fetched to compare with"; \
		else echo "$$changes"; echo "not tidy: $$mod"; status=1; fi; \
	done; exit $$status

.PHONY: licences
licences: ## the licences of all dependencies, as a table
	@GOWORK=off go -C tests/tools build -o "$(CURDIR)/.cache/bin/licences" ./licences
	@.cache/bin/licences

.PHONY: vulnerabilities
vulnerabilities: $(staticcheck) ## known vulnerabilities of the dependencies that the code reaches; needs vuln.go.dev
	@status=0; found=$$(.cache/bin/govulncheck ./... 2>&1) || status=$$?; echo "$$found"; \
		if [ $$status = 1 ] && grep -q "fetching vulnerabilities" <<<"$$found"; then \
			echo "SKIPPED: the database of vulnerabilities cannot be reached, so nothing was looked up"; exit 0; \
		fi; exit $$status

.PHONY: test-upstream
test-upstream: ## GoMLX's own tests of graphs, layers and training, run on this project's Go backend
	@tests/backend/upstream.sh

.PHONY: bench
bench: .cache/bench/installed ## time and memory of every backend beside PyTorch and JAX; an hour on two idle cores
	@go run ./tests/bench compare $(if $(ROUNDS),--rounds $(ROUNDS)) $(if $(ONLY),--only $(ONLY)) \
		$(if $(ENGINES),--engines $(ENGINES))

# What is compared with: in an environment of its own. JAX's newest versions need Python 3.12 (PYTHON names another one).
bench_python := $(or $(PYTHON),python3)
.cache/bench/installed: tests/bench/requirements.txt
	@echo "Installing PyTorch and JAX into .cache/bench (2.5 GB to download, 6 GB on the disk)."
	@$(bench_python) -m venv --clear --without-pip $(@D)
	@$(bench_python) -m pip --python $(@D)/bin/python install --quiet --disable-pip-version-check --requirement $<
	@touch $@

.PHONY: cores
cores: ## steps on one core and two, on more simulated, and beside another training; ten minutes on an idle machine
	@go run ./tests/bench cores $(if $(ROUNDS),--rounds $(ROUNDS)) $(if $(ONLY),--only $(ONLY))

.PHONY: stress
stress: ## 200 short trainings in processes of their own: no hang, no crash, equal losses (PROCESSES=N, CORES=3,6,...)
	@go run ./tests/bench stress --processes $(or $(PROCESSES),200) $(if $(CORES),--cores $(CORES))

.PHONY: kill
kill: ## 300 kills of trainings, runs and pairs of runs: each must end as if nothing had happened, bit for bit (KILLS=N)
	@DISMAX_KILLS=$(or $(KILLS),300) go test -count=1 -vet=off -timeout=2h -json -run Killed \
		./dismaxlib/training ./tests/endtoend | $(summary)

.PHONY: fuzz
fuzz: ## fuzz every parser and formula, 10 minutes each (FUZZTIME=10s: that long; FUZZ=record: only targets that match)
	@go run ./tests/fuzz --time $(or $(FUZZTIME),10m) $(if $(FUZZ),--match '$(FUZZ)')

.PHONY: convolutions
convolutions: ## 2,000 random convolutions in each family of goconv's kernels, beside plain loops in float64 (CONVOLUTIONS=N)
	@DISMAX_CONVOLUTIONS=$(or $(CONVOLUTIONS),2000) go test -count=1 -vet=off -timeout=1h -json -run 'TestRandom|IsTheSumThatDefinesIt' \
		./dismaxlib/backend/goconv ./dismaxlib/backend/goconv/internal/direct ./dismaxlib/backend/goconv/internal/winograd | $(summary)

# The data pipeline, the Go backend, training with its checkpoints, detectors, and grids of processes that share their
# work. Pointer checks, which come with the detector, end the matrix products of GoMLX's backend.
raced := ./datasets/... ./internal/parallel ./dismaxlib/backend/goconv/... ./dismaxlib/training ./dismaxlib/detect \
	./dismaxlib/experiment/grid

.PHONY: race
race: ## the race detector on what works in parallel: data, the Go backend, training, detectors, grids; needs a C compiler
	DISMAX_OFFLINE=1 go test -race -gcflags=github.com/gomlx/compute/...=-d=checkptr=0 -count=1 -vet=off -timeout=30m \
		-skip Killed -json $(raced) | $(summary)

.PHONY: reliability
reliability: KILLS ?= 30
reliability: FUZZTIME ?= 10s
reliability: tidy licences vulnerabilities race kill fuzz ## what CI checks beside the tests: modules, races, 30 kills, each fuzz target for 10 s

.PHONY: setup
setup: ## install the Go kernel and Jupyter; the commands that need them do it by themselves
	@$(jupyter) setup

.PHONY: xla
xla: ## install XLA's plugin for CPUs, for this user (63 MB to download, 260 MB on the disk; needs Python's pip)
	@go run ./dismaxlib/cmd/dismax backends --install cpu

# Pure Go needs no C compiler for another platform, and no library on it. XLA needs cgo.
release := $(out)/release
platforms := linux/amd64 linux/arm64 darwin/arm64 windows/amd64
build_release := go build -trimpath -buildvcs=auto -ldflags="-s -w"

.PHONY: release
release: ## the command for four platforms in pure Go, and for Linux on amd64 with XLA: binaries in reports/out/release
	@rm -rf $(release) && mkdir -p $(release)
	@for platform in $(platforms); do \
		export CGO_ENABLED=0 GOOS=$${platform%/*} GOARCH=$${platform#*/}; \
		$(build_release) -o "$(release)/dismax-$$GOOS-$$GOARCH$$(go env GOEXE)" ./dismaxlib/cmd/dismax; \
	done
	@if [ "$$(go env GOHOSTOS)/$$(go env GOHOSTARCH)" = linux/amd64 ]; then \
		CGO_ENABLED=1 $(build_release) -o $(release)/dismax-linux-amd64-xla ./dismaxlib/cmd/dismax; \
	else echo "left out: dismax-linux-amd64-xla, which is built on Linux on amd64"; fi
	@cd $(release) && sha256sum dismax-* >SHA256SUMS && cat SHA256SUMS && wc -c dismax-*

.PHONY: clean
clean: ## remove what the commands installed and made
	rm -rf .cache $(out) notebooks/.ipynb_checkpoints
