package experiment

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/dismax-go/dismax/dismaxlib"
	"github.com/dismax-go/dismax/dismaxlib/network"
	"github.com/dismax-go/dismax/dismaxlib/record"
	"github.com/dismax-go/dismax/models/statedict"
	"github.com/gomlx/gomlx/ml/model"
)

// BackboneWeights returns a store with the backbone of a trained network: of the run in a folder, or of a .safetensors
// file with the names of PyTorch's networks. A [network.Network] of the same model that is trained with the store goes
// on from there, with a new head for its own classes; [network.Network.CheckBackbone] says whether they fit.
func BackboneWeights(path string) (*model.Store, error) {
	store, err := backboneWeights(path)
	if err != nil {
		return nil, fmt.Errorf("reading weights of %s: %w", path, err)
	}
	return store, nil
}

func backboneWeights(path string) (*model.Store, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if info.IsDir() {
		weights, err := Weights(path)
		if err != nil {
			return nil, err
		}
		return network.BackboneWeights(weights)
	}
	if filepath.Ext(path) != ".safetensors" {
		return nil, errors.New("name the folder of a run or a .safetensors file; in Python, " +
			"safetensors.torch.save_file(model.state_dict(), NAME) writes one")
	}
	state, err := statedict.Read(path)
	if err != nil {
		return nil, err
	}
	weights := model.NewStore()
	if err := state.Load(weights, placesOf(state)...); err != nil {
		return nil, err
	}
	return network.BackboneWeights(weights)
}

// placesOf are the backbone and, as far as the state dict has one, the head, by one of the names that it has in PyTorch.
func placesOf(state statedict.State) []statedict.Place {
	places := []statedict.Place{{Scope: "/" + network.BackboneScope}}
	for _, head := range []string{"classifier.", "fc.", "linear.", "head."} {
		for name := range state {
			if strings.HasPrefix(strings.TrimPrefix(name, "module."), head) {
				return append(places, statedict.Place{Scope: "/" + dismaxlib.HeadScope, Prefix: head})
			}
		}
	}
	return places
}

// takeWeights reads the first weights of the backbone into the store, and names them in the spec.
func (e *run) takeWeights() error {
	named := e.spec.InitialWeights
	if e.options.Weights == "" {
		if named != "" {
			return fmt.Errorf("this spec begins with the weights %s: name them in Options.Weights (--weights)", named)
		}
		if e.spec.FreezeBackbone {
			return errors.New("a backbone that is frozen needs weights: name a former run or a .safetensors file in " +
				"Options.Weights (--weights)")
		}
		return nil
	}
	weights, err := BackboneWeights(e.options.Weights)
	if err != nil {
		return err
	}
	checksum, err := network.Checksum(weights)
	if err != nil {
		return err
	}
	e.store = weights
	e.spec.InitialWeights = fmt.Sprintf("%s (SHA-256 %s)", filepath.Base(e.options.Weights), checksum[:16])
	if named != "" && named != e.spec.InitialWeights {
		return fmt.Errorf("this spec begins with the weights %s, and %s holds %s", named, e.options.Weights, e.spec.InitialWeights)
	}
	return nil
}

// fitWeights makes sure that the first weights are those of the model, and normalizes images as the run did that they
// come from.
func (e *run) fitWeights() error {
	if e.options.Weights == "" {
		return nil
	}
	if err := e.network.CheckBackbone(e.options.Backend, e.store); err != nil {
		return fmt.Errorf("%s: %w", e.options.Weights, err)
	}
	former, err := e.formerOfWeights()
	if err != nil {
		return err
	}
	if former != nil && len(former.Model.Mean) == e.network.Channels() {
		e.network.Mean, e.network.Std = former.Model.Mean, former.Model.Std
	}
	e.log("the backbone begins with the weights of %s", e.spec.InitialWeights)
	return nil
}

// formerOfWeights returns the record of the run that the first weights come from; nil if they come from none that is
// finished.
func (e *run) formerOfWeights() (*record.Record, error) {
	if info, err := os.Stat(e.options.Weights); err != nil || !info.IsDir() {
		return nil, err
	}
	return recordIn(e.options.Weights)
}
