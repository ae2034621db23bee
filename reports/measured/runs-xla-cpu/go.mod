// A module of its own, so that whoever imports the library does not download the runs.
module github.com/dismax-go/dismax/reports/measured/runs-xla-cpu

go 1.27.0
