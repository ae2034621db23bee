package experiment_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/dismax-go/dismax/dismaxlib/experiment"
	"github.com/dismax-go/dismax/dismaxlib/network"
	"github.com/dismax-go/dismax/dismaxlib/record"
)

func TestARunBeginsWithTheBackboneOfAFormerOne(t *testing.T) {
	former, was := smallRun(t, "softmax", record.HeldOut)
	spec := smallSpec("dismax", record.HeldOut)
	spec.FreezeBackbone, spec.HoldOutClasses = true, []string{"0"}
	folder := t.TempDir()
	withWeights := func(o *experiment.Options) { o.Weights = former }
	is, err := runIn(t, folder, spec, withWeights)
	if err != nil {
		t.Fatal(err)
	}
	if is.Model.Classes != was.Model.Classes-1 || !strings.Contains(is.Spec.InitialWeights, "SHA-256") {
		t.Errorf("the run has %d classes and begins with %q, want %d and the checksum of weights",
			is.Model.Classes, is.Spec.InitialWeights, was.Model.Classes-1)
	}
	if got, want := backboneChecksum(t, folder), backboneChecksum(t, former); got != want {
		t.Errorf("the frozen backbone has the checksum %s, want that of the former run, %s", got, want)
	}
	if again, err := runIn(t, folder, spec, withWeights); err != nil || !again.Created.Equal(is.Created) {
		t.Errorf("run again: error %v, want the record left as it is", err)
	}
	if _, err := runIn(t, t.TempDir(), is.Spec); err == nil || !strings.Contains(err.Error(), "--weights") {
		t.Errorf("its spec without weights: error %v, want one that asks for them", err)
	}
	spec.Model = "resnet8"
	if _, err := runIn(t, t.TempDir(), spec, withWeights); err == nil || !strings.Contains(err.Error(), "another model") {
		t.Errorf("weights of another model: error %v, want one that says so", err)
	}
}

func TestADamagedRecordIsNotPassedOver(t *testing.T) {
	folder, _ := smallRun(t, "softmax", record.HeldOut)
	if err := os.Truncate(filepath.Join(folder, record.FileName), 100); err != nil {
		t.Fatal(err)
	}
	if _, err := experiment.Weights(folder); err == nil || !strings.Contains(err.Error(), "damaged") {
		t.Errorf("weights: error %v, want that the record is damaged", err)
	}
	_, err := runIn(t, t.TempDir(), smallSpec("softmax", record.HeldOut), func(o *experiment.Options) { o.Weights = folder })
	if err == nil || !strings.Contains(err.Error(), "damaged") {
		t.Errorf("a run that begins with them: error %v, want that the record is damaged", err)
	}
}

func TestWeightsOfPyTorchBeginARun(t *testing.T) {
	spec := smallSpec("dismax", record.HeldOut)
	spec.Model, spec.TrainLimit, spec.TestLimit = "resnet8", 40, 20
	r, err := runIn(t, t.TempDir(), spec, func(o *experiment.Options) {
		o.Weights = "../../tests/pytorch/resnet8-dismax.safetensors"
	})
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(r.Spec.InitialWeights, "resnet8-dismax.safetensors") {
		t.Errorf("the spec names the weights %q", r.Spec.InitialWeights)
	}
}

func backboneChecksum(t *testing.T, folder string) string {
	t.Helper()
	store, err := experiment.BackboneWeights(folder)
	if err != nil {
		t.Fatal(err)
	}
	sum, err := network.Checksum(store)
	if err != nil {
		t.Fatal(err)
	}
	return sum
}
