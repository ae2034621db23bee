// Published sets the runs of the grids table2-cifar10 and border at the scale cpu beside those of the paper's published
// PyTorch code, which followed the same protocol, and prints the table of reports/measured/README.md. "make published"
// runs it. Start reading at table.go.
package main

import (
	"flag"
	"fmt"
	"log"
	"path/filepath"

	"github.com/dismax-go/dismax/dismaxlib/experiment/grid"
	"github.com/dismax-go/dismax/dismaxlib/record"
)

// publishedFiles are what the published code reached: a file or more, as the seeds were run.
const publishedFiles = "tests/testdata/golden/small_protocol*.json"

func main() {
	log.SetFlags(0)
	runs := flag.String("runs", "reports/measured/runs", "folder of the grid's runs")
	files := flag.String("published", publishedFiles, "files of the published code's results, as a pattern")
	flag.Parse()
	text, err := comparison(*runs, *files)
	if err != nil {
		log.Fatal("published: ", err)
	}
	fmt.Print(text)
}

// comparison is the table of the runs in the folder and of the results in the files that the pattern matches.
func comparison(folder, pattern string) (string, error) {
	here, err := ours(folder)
	if err != nil {
		return "", err
	}
	there, err := readPublished(pattern)
	if err != nil {
		return "", err
	}
	return table(here, there), nil
}

// ours returns the records of the grids' finished runs, which are of no other protocol.
func ours(folder string) ([]*record.Record, error) {
	scale, err := grid.ScaleByName("cpu")
	if err != nil {
		return nil, err
	}
	var records []*record.Record
	for _, name := range []string{"table2-cifar10", "border"} {
		named, err := grid.Open(name)
		if err != nil {
			return nil, err
		}
		runs, err := named.Runs(scale)
		if err != nil {
			return nil, err
		}
		found, err := grid.Records(folder, runs)
		if err != nil {
			return nil, err
		}
		records = append(records, found...)
	}
	if len(records) == 0 {
		return nil, fmt.Errorf("%s holds no finished run: dismax grid run table2-cifar10 --scale cpu --out %[1]s makes them",
			filepath.Clean(folder))
	}
	return records, nil
}
