package show

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"github.com/dismax-go/dismax/dismaxlib/backend"
	"github.com/dismax-go/dismax/dismaxlib/experiment"
	"github.com/dismax-go/dismax/dismaxlib/experiment/grid"
	"github.com/dismax-go/dismax/dismaxlib/metrics"
	"github.com/dismax-go/dismax/dismaxlib/posthoc"
	"github.com/dismax-go/dismax/dismaxlib/record"
)

// RunsVariable is the environment variable that names a folder of runs to show in place of the committed ones.
const RunsVariable = "DISMAX_RUNS"

// committedRuns are the folders of runs that the repository comes with, seen from the notebooks.
const committedRuns = "../reports/measured/runs"

// FinishedRun is the record of a run, and the folder in which it left what the network answered.
type FinishedRun struct {
	*record.Record
	Folder string
}

// Committed returns the finished runs of a grid at a scale that the repository comes with, or those in the folder that
// [RunsVariable] names, in the order of losses and seeds.
func Committed(name, scale string) []FinishedRun {
	folder := cmp.Or(os.Getenv(RunsVariable), committedRuns)
	key := [3]string{folder, name, scale}
	if _, known := committed[key]; !known {
		committed[key] = finished(folder, specsOf(name, scale))
	}
	return slices.Clone(committed[key])
}

// committed are the runs that were read already: a cell asks for them again and again.
var committed = map[[3]string][]FinishedRun{}

// GridRuns is [Committed], but without any run it makes and returns those of the scale "smoke", and says so.
func GridRuns(name, scale string) []FinishedRun {
	if runs := Committed(name, scale); len(runs) > 0 {
		return runs
	}
	smoke := finished(Folder("grid"), specsOf(name, "smoke"))
	if len(smoke) == 0 {
		fmt.Printf("No run of the grid %s at scale %s is here, so these are tiny runs on synthetic images,\n"+
			"whose numbers mean nothing.\n", name, scale)
		smoke = RunGrid(name, "smoke")
	}
	return smoke
}

// RunGrid makes those runs of a grid that are not finished, in the notebooks' folder of results, and returns them all.
// It goes on where it was interrupted.
func RunGrid(name, scale string) []FinishedRun {
	posthoc.Register()
	compute, choice, err := backend.Open("")
	Check(err)
	defer compute.Finalize()
	runs, folder := specsOf(name, scale), Folder("grid")
	_, err = grid.Execute(context.Background(), runs, grid.Options{
		Folder:     folder,
		Experiment: experiment.Options{Backend: compute, Choice: choice},
		Ended: func(run grid.Run, outcome grid.Outcome) {
			fmt.Printf("%s: %s\n", experiment.Title(run.Spec), outcome.Kind)
		},
	})
	Check(err)
	return finished(folder, runs)
}

func specsOf(name, scale string) []grid.Run {
	return Must(Must(grid.Open(name)).Runs(Must(grid.ScaleByName(scale))))
}

// finished returns those of the runs that have a record in the folder.
func finished(folder string, runs []grid.Run) []FinishedRun {
	var found []FinishedRun
	for _, run := range runs {
		path := filepath.Join(folder, run.Name)
		r, err := record.Read(path)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		Check(err)
		found = append(found, FinishedRun{r, path})
	}
	slices.SortStableFunc(found, func(a, b FinishedRun) int {
		return cmp.Or(cmp.Compare(lossOrder(a.Spec.Loss), lossOrder(b.Spec.Loss)),
			cmp.Compare(a.Spec.Loss, b.Spec.Loss), cmp.Compare(a.Spec.Seed, b.Spec.Seed))
	})
	return found
}

// lossOrder sorts losses as the paper's tables do, and others after them.
func lossOrder(loss string) int {
	order := []string{"softmax", "isomax", "isomaxplus", "dismax", "dismax-fpr"}
	if i := slices.Index(order, loss); i >= 0 {
		return i
	}
	return len(order)
}

// Records returns the records of the runs, for package reports.
func Records(runs []FinishedRun) []*record.Record {
	var records []*record.Record
	for _, run := range runs {
		records = append(records, run.Record)
	}
	return records
}

// Answers returns the logits and labels of one of the run's sets: "test", or the name of an out-of-distribution set.
func (run FinishedRun) Answers(set string) (metrics.Logits, []int32) {
	path := filepath.Join(run.Folder, set)
	if _, known := answers[path]; !known {
		logits, labels, err := experiment.LoadLogits(run.Folder, set)
		Check(err)
		answers[path] = answered{logits, labels}
	}
	return answers[path].logits, answers[path].labels
}

type answered struct {
	logits metrics.Logits
	labels []int32
}

// answers are those that were read already.
var answers = map[string]answered{}

// Detection returns the results of a score on a set, and whether the record has them.
func (run FinishedRun) Detection(set, score string) (record.Detection, bool) {
	for _, out := range run.OutOfDistribution {
		if out.Set.Name == set {
			i := slices.IndexFunc(out.Scores, func(d record.Detection) bool { return d.Score == score })
			if i >= 0 {
				return out.Scores[i], true
			}
		}
	}
	return record.Detection{}, false
}
