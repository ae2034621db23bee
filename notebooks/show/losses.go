package show

import (
	"fmt"
	"slices"

	"github.com/dismax-go/dismax/dismaxlib/record"
	"github.com/dismax-go/dismax/reports"
)

// LossRuns are the runs of one loss: its seeds.
type LossRuns struct {
	Title string // of the loss
	Runs  []FinishedRun
}

// Losses groups the runs by the titles of their losses, in the order in which these come first.
func Losses(runs []FinishedRun) (losses []LossRuns) {
	for _, run := range runs {
		i := slices.IndexFunc(losses, func(l LossRuns) bool { return l.Title == run.Loss.Title })
		if i < 0 {
			i, losses = len(losses), append(losses, LossRuns{Title: run.Loss.Title})
		}
		losses[i].Runs = append(losses[i].Runs, run)
	}
	return losses
}

// ByLoss shows a row for each loss of the runs: how many seeds it has, and in each column the mean over the seeds of one
// number of a run, with its standard deviation.
func ByLoss(runs []FinishedRun, columns []string, number func(run FinishedRun, column int) float64) {
	Grid(append([]string{"loss", "seeds"}, columns...), lossRows(runs, len(columns), number)...)
}

func lossRows(runs []FinishedRun, columns int, number func(run FinishedRun, column int) float64) (rows [][]string) {
	for _, loss := range Losses(runs) {
		row := []string{loss.Title, fmt.Sprint(len(loss.Runs))}
		for column := range columns {
			var values []float64
			for _, run := range loss.Runs {
				values = append(values, number(run, column))
			}
			row = append(row, OverSeeds(values, 3))
		}
		rows = append(rows, row)
	}
	return rows
}

// AUROCs returns the AUROC of a score on a set, of those of the runs whose records have it.
func AUROCs(runs []FinishedRun, set, score string) (values []float64) {
	for _, run := range runs {
		if d, ok := run.Detection(set, score); ok {
			values = append(values, d.AUROC)
		}
	}
	return values
}

// Floors returns the AUROC on a set that needs no network, of the images' sizes as JPEG files, of those of the runs whose
// records have it.
func Floors(runs []FinishedRun, set string) (values []float64) {
	for _, run := range runs {
		for _, out := range run.OutOfDistribution {
			if out.Set.Name == set && out.Floor != nil {
				values = append(values, out.Floor.AUROC)
			}
		}
	}
	return values
}

// Question is a set of unknown images and the runs that were tested on it.
type Question struct {
	Title string // "TinyImageNet (resize), near"
	Set   string // its name
	Runs  []FinishedRun
}

// Questions returns every set that the runs were tested on, in the order in which these come first. Networks that learnt
// some of the classes only are asked another question by the same set.
func Questions(runs []FinishedRun) (questions []Question) {
	for _, run := range runs {
		for _, out := range run.OutOfDistribution {
			title := questionTitle(run, out.Set)
			i := slices.IndexFunc(questions, func(q Question) bool { return q.Title == title })
			if i < 0 {
				i, questions = len(questions), append(questions, Question{Title: title, Set: out.Set.Name})
			}
			questions[i].Runs = append(questions[i].Runs, run)
		}
	}
	return questions
}

// questionTitle is the title of the set, whether OpenOOD calls it near or far, and how many classes the network learnt if
// some were held out.
func questionTitle(run FinishedRun, set record.Set) string {
	title := set.Title
	if distance := reports.DistanceOf(run.Spec.Dataset, set.Name); distance != "" {
		title += ", " + string(distance)
	}
	if len(run.Spec.HoldOutClasses) > 0 && set.Name != record.HeldOutClassesSet {
		title += fmt.Sprintf(", %d classes learnt", run.Model.Classes)
	}
	return title
}

// Of returns the question's runs of a loss, by its name.
func (q Question) Of(loss string) []FinishedRun {
	return slices.DeleteFunc(slices.Clone(q.Runs), func(run FinishedRun) bool { return run.Spec.Loss != loss })
}
