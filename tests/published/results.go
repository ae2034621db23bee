package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
)

// published is what the published code reached with one loss and seed. A pointer is nil where it was not measured.
type published struct {
	Kind        string   `json:"kind"` // of the loss, in that code's words
	Seed        int64    `json:"seed"`
	Accuracy    float64  `json:"accuracy"`
	ECEBefore   float64  `json:"ece_before"`
	ECEAfter    *float64 `json:"ece_after_lbfgsb_on_test"`
	Temperature *float64 `json:"temperature"`
	OOD         map[string]map[string]struct {
		AUROC float64
	} `json:"ood"` // by set and score
	Border string `json:"border"` // named, like Epochs, where the run left the protocol: borderBlack
	Epochs int    `json:"epochs"`
}

// borderBlack is the border of crops of the published loaders, and of the runs here; the protocol's is a mean colour.
const borderBlack = "black"

// kinds are the published code's words for the losses that both have.
var kinds = []struct{ kind, loss string }{
	{"softmax", "softmax"}, {"isomaxplus", "isomaxplus"}, {"dismax", "dismax"}, {"dismax_fpr", "dismax-fpr"},
}

// readPublished reads the results in the files that the pattern matches.
func readPublished(pattern string) ([]published, error) {
	files, err := filepath.Glob(pattern)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", pattern, err)
	}
	if len(files) == 0 {
		return nil, fmt.Errorf("%s: no such file", pattern)
	}
	var all []published
	found := map[string]string{} // the file of each run
	for _, path := range files {
		content, err := os.ReadFile(path)
		if err != nil {
			return nil, err
		}
		var file struct{ Runs []published }
		if err := json.Unmarshal(content, &file); err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
		for _, run := range file.Runs {
			name := fmt.Sprintf("%s, seed %d", run.Kind, run.Seed)
			if run.Border == borderBlack {
				name += ", border black"
			}
			if run.Border != "" && run.Border != borderBlack || run.Epochs != 0 {
				return nil, fmt.Errorf("%s: %s is of another protocol: border %q, epochs %d", path, name, run.Border, run.Epochs)
			}
			if other := found[name]; other != "" {
				return nil, fmt.Errorf("%s: %s is in %s already", path, name, other)
			}
			found[name] = path
			all = append(all, run)
		}
	}
	return all, nil
}
