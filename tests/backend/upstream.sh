#!/bin/sh
# Runs GoMLX's own tests of the packages that convolutional networks use, from the module cache, on the backend goconv.
#
#   tests/backend/upstream.sh            all packages
#   tests/backend/upstream.sh ml/layers  some of them
#
# GoMLX's tests choose their backend by GOMLX_BACKEND, but know only the backends that they import, and want XLA's
# plugin installed whatever they run on. A copy of the module gets one more test file in each package, which imports
# goconv and installs nothing; else it is as it was published.
set -eu

repository=$(cd "$(dirname "$0")/../.." && pwd)
cd "$repository"
packages=${*:-core/graph ml/layers ml/layers/norm ml/train}

export GOTOOLCHAIN="${GOTOOLCHAIN:-auto}" GOEXPERIMENT="${GOEXPERIMENT:-simd}" GOFLAGS=-mod=mod
export GOMLX_BACKEND="${GOMLX_BACKEND:-goconv}" GOMLX_NO_AUTO_INSTALL=1

work=$(mktemp -d)
trap 'chmod -R u+w "$work"; rm -rf "$work"' EXIT
go build -o "$work/summary" ./tests/summary

source=$(go list -m -f '{{.Dir}}' github.com/gomlx/gomlx)
cp -R "$source" "$work/gomlx"
chmod -R u+w "$work/gomlx"

cd "$work/gomlx"
for package in $packages; do
	name=$(go list -f '{{.Name}}' "./$package")
	cat > "$package/goconv_test.go" <<GO
package $name

import (
	_ "github.com/dismax-go/dismax/dismaxlib/backend/goconv"
	"github.com/gomlx/go-xla/compute/xla"
)

type installNothing struct{}

func (installNothing) AutoInstall() error             { return nil }
func (installNothing) AutoInstallPlugin(string) error { return nil }

func init() { xla.RegisterAutoInstaller(installNothing{}) }
GO
done
go mod edit -replace "github.com/dismax-go/dismax=$repository" -require github.com/dismax-go/dismax@v0.0.0
cat "$repository/go.sum" >> go.sum

for package in $packages; do
	go test -json "./$package" || true # the summary says what failed
done | "$work/summary"
