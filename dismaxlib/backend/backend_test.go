package backend_test

import (
	"strings"
	"testing"

	"github.com/gomlx/compute"

	"github.com/dismax-go/dismax/dismaxlib/backend"
	"github.com/dismax-go/dismax/dismaxlib/backend/goconv"
)

func TestNamedGoBackendIsUpgradedAndKeepsItsOptions(t *testing.T) {
	opened, choice, err := backend.Open("go:ops_sequential")
	if err != nil {
		t.Fatal(err)
	}
	defer opened.Finalize()
	if want := "goconv:ops_sequential"; choice.Config != want {
		t.Errorf("Config = %q, want %q", choice.Config, want)
	}
	if !strings.Contains(choice.Reason, "batch normalization") {
		t.Errorf("Reason = %q, want it to say why go became goconv", choice.Reason)
	}
	if !opened.Capabilities().Operations[compute.OpTypeBatchNormForTraining] {
		t.Error("the opened backend has no batch normalization")
	}
	if choice.Device == "" {
		t.Error("no device named")
	}
}

func TestUnknownBackendIsAnErrorThatNamesTheAlternatives(t *testing.T) {
	for _, config := range []string{"tensorflow", "goconv:warp_speed"} {
		_, _, err := backend.Open(config)
		if err == nil || !strings.Contains(err.Error(), "goconv") {
			t.Errorf("Open(%q): got error %v, want one that names goconv", config, err)
		}
	}
}

func TestMissingPluginIsAnErrorAndNotAnotherBackend(t *testing.T) {
	_, _, err := backend.Open("xla:/nowhere/pjrt_c_api_cuda_plugin.so")
	if err == nil || !strings.Contains(err.Error(), "goconv") {
		t.Errorf("got error %v, want one that names the alternatives", err)
	}
}

func TestUnsetOpensWhatIsFoundFirstAndSaysWhy(t *testing.T) {
	t.Setenv(compute.ConfigEnvVar, "")
	opened, choice, err := backend.Open("")
	if err != nil {
		t.Fatal(err)
	}
	defer opened.Finalize()
	if choice.Config == "" || !strings.Contains(choice.Reason, choice.Config) {
		t.Errorf("got choice %+v, want its reason to name it", choice)
	}
	if choice.Config == "xla:cpu" {
		t.Errorf("got %s, want XLA on the CPU by name only", choice.Config)
	}
	if choice.Config == goconv.Name && (choice.Instructions == "" || choice.Plugin != "" || choice.Platform != "") {
		t.Errorf("got choice %+v, want its instructions and no plugin", choice)
	}
}

func TestOneFindingIsChosen(t *testing.T) {
	chosen := 0
	for _, finding := range backend.Found() {
		if finding.Detail == "" {
			t.Errorf("%s: no detail", finding.Config)
		}
		if finding.Chosen {
			chosen++
		}
	}
	if chosen != 1 {
		t.Errorf("%d findings are chosen, want 1", chosen)
	}
}
