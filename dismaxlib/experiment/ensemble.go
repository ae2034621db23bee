package experiment

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/dismax-go/dismax/dismaxlib"
	"github.com/dismax-go/dismax/dismaxlib/metrics"
	"github.com/dismax-go/dismax/dismaxlib/record"
	"github.com/dismax-go/dismax/internal/text"
)

// ensembleLoss begins the name of the loss of an ensemble's record: "ensemble:softmax".
const ensembleLoss = "ensemble:"

// Ensemble evaluates finished runs, which differ in nothing but the seed, as one classifier: a deep ensemble
// (Lakshminarayanan et al. 2017, arXiv 1612.01474), whose probabilities are the mean of those of its members. The record
// is made from their stored logits and is not written anywhere.
//
// Before calibration each member is read at temperature 1; after, at the temperature of its own record, and the mean
// is not calibrated again. The record's temperature is the mean of these. Detection is by [dismaxlib.MPS] and
// [dismaxlib.ES] of the mean probabilities before calibration. Members must have been tested on the same images.
func Ensemble(folders ...string) (*record.Record, error) {
	r, err := ensemble(folders)
	if err != nil {
		return nil, fmt.Errorf("making an ensemble: %w", err)
	}
	return r, nil
}

// Ensembles makes an [Ensemble] of each two or more of the finished runs that differ in nothing but the seed, in the
// order of their first members. Runs without stored logits are left out.
func Ensembles(folders []string) ([]*record.Record, error) {
	var keys []string
	members := map[string][]string{}
	for _, folder := range folders {
		r, err := record.Read(folder)
		if err != nil {
			return nil, err
		}
		if len(r.Outputs) == 0 {
			continue
		}
		key := fmt.Sprintf("%q", memberFields(r))
		if members[key] == nil {
			keys = append(keys, key)
		}
		members[key] = append(members[key], folder)
	}
	var all []*record.Record
	for _, key := range keys {
		if len(members[key]) < 2 {
			continue
		}
		r, err := Ensemble(members[key]...)
		if err != nil {
			return nil, err
		}
		all = append(all, r)
	}
	return all, nil
}

// memberFields are the same for runs that may be members of one ensemble.
func memberFields(r *record.Record) map[string]string {
	spec := canonical(r.Spec)
	spec.Seed = 0
	fields := fieldsOf(spec)
	fields["parameters of the loss"] = fmt.Sprint(r.Loss.Parameters)
	fields["test images (SHA-256)"] = r.Data.Test.SHA256
	fields["class names"] = fmt.Sprintf("%q", r.Model.ClassNames)
	return fields
}

func ensemble(folders []string) (*record.Record, error) {
	members, err := readMembers(folders)
	if err != nil {
		return nil, err
	}
	r := members.record()
	before, labels, err := members.mean(testSet, false)
	if err != nil {
		return nil, err
	}
	after, _, err := members.mean(testSet, true)
	if err != nil {
		return nil, err
	}
	atOne, err := metrics.Evaluate(before, labels, r.Spec.CalibrationBins)
	if err != nil {
		return nil, err
	}
	calibrated, err := metrics.Evaluate(after, labels, r.Spec.CalibrationBins)
	if err != nil {
		return nil, err
	}
	r.Test = record.Test{Accuracy: atOne.Accuracy, Before: calibrationRecord(atOne), After: calibrationRecord(calibrated)}
	for _, member := range members {
		r.Test.Temperature += member.record.Test.Temperature / float64(len(members))
	}
	for _, out := range members[0].record.OutOfDistribution {
		entry, err := members.detect(before, out)
		if err != nil {
			return nil, fmt.Errorf("detecting %s: %w", out.Set.Name, err)
		}
		r.OutOfDistribution = append(r.OutOfDistribution, entry)
	}
	return r, nil
}

// member is a finished run of an ensemble.
type member struct {
	folder string
	record *record.Record
}

type members []member

// readMembers reads the records, which must be of runs that differ in the seed and nothing else. A copy of a run is no
// member beside it.
func readMembers(folders []string) (members, error) {
	if len(folders) < 2 {
		return nil, errors.New("an ensemble has at least two members")
	}
	var all members
	for _, folder := range folders {
		r, err := record.Read(folder)
		if err != nil {
			return nil, err
		}
		for _, other := range all {
			if sum := r.Model.WeightsSHA256; sum != "" && sum == other.record.Model.WeightsSHA256 {
				return nil, fmt.Errorf("%s and %s hold the same network, as a run and its copy or its repetition do: name one of them", other.folder, folder)
			}
		}
		if len(all) > 0 {
			if difference := text.Differences(memberFields(all[0].record), memberFields(r)); difference != "" {
				return nil, fmt.Errorf("%s (there) and %s (here) differ in more than the seed, %s", all[0].folder, folder, difference)
			}
		}
		all = append(all, member{folder, r})
	}
	return all, nil
}

// record starts the ensemble's record with what its members share.
func (m members) record() *record.Record {
	first := m[0].record
	r := &record.Record{
		Format: first.Format, Spec: first.Spec, Versions: first.Versions, Backend: first.Backend, Data: first.Data,
		Model: first.Model, HeldOut: first.HeldOut,
		Loss: record.Loss{
			Name:   ensembleLoss + first.Loss.Name,
			Title:  fmt.Sprintf("Deep Ensemble (%d %s)", len(m), first.Loss.Title),
			Scores: []string{dismaxlib.MPS.Name, dismaxlib.ES.Name}, Parameters: first.Loss.Parameters,
		},
	}
	r.Spec.Loss, r.Model.WeightsSHA256 = r.Loss.Name, ""
	r.Model.Parameters *= len(m)
	var last time.Time
	for _, member := range m {
		r.Members = append(r.Members, member.record.Spec.Seed)
		r.TrainSeconds += member.record.TrainSeconds
		r.TotalSeconds += member.record.TotalSeconds
		if member.record.Created.After(last) {
			last = member.record.Created
		}
	}
	r.Created = last
	return r
}

// detect measures the detection of one set by the mean probabilities.
func (m members) detect(test metrics.Logits, known record.OutOfDistribution) (record.OutOfDistribution, error) {
	entry := record.OutOfDistribution{Set: known.Set, Floor: known.Floor}
	convention, err := metrics.ConventionByName(m[0].record.Spec.Convention)
	if err != nil {
		return entry, err
	}
	unknown, _, err := m.mean(known.Set.Name, false)
	if err != nil {
		return entry, err
	}
	for _, score := range []struct {
		score *dismaxlib.Score
		of    func(probabilities []float64) float64
	}{{dismaxlib.MPS, slices.Max[[]float64]}, {dismaxlib.ES, negativeEntropy}} {
		detection, err := detectionRecord(score.score, overRows(test, score.of), overRows(unknown, score.of), convention)
		if err != nil {
			return entry, err
		}
		entry.Scores = append(entry.Scores, detection)
	}
	return entry, nil
}
