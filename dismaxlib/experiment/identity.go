package experiment

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"github.com/dismax-go/dismax/dismaxlib/record"
)

// identity is what a checkpoint must agree with to be gone on from, by name: all that training depends on, and the
// images. What is done after training may differ.
func (e *run) identity() map[string]string {
	identity := map[string]string{
		"number of classes":           strconv.Itoa(len(e.images.Classes)),
		"training images (SHA-256)":   e.images.Train.SHA256(),
		"validation images (SHA-256)": describe(e.images.Dataset, e.images.Validation).SHA256,
	}
	var fields map[string]json.RawMessage
	if err := json.Unmarshal([]byte(trainingOf(e.spec)), &fields); err != nil {
		panic(fmt.Sprintf("experiment: a spec that cannot be decoded: %v", err)) // it was encoded just before
	}
	for name, value := range fields {
		identity[strings.ReplaceAll(name, "_", " ")] = strings.Trim(string(value), `"`)
	}
	return identity
}

// trainingOf is the part of a spec that training depends on, as JSON.
func trainingOf(spec record.Spec) string {
	heldOut := spec.Protocol == record.HeldOut // whether images are held out changes what is trained on
	spec.OutOfDistribution, spec.TestLimit = nil, 0
	spec.LearningRateChanges = nil // made on the way: the checkpoint holds them
	spec.Protocol, spec.CalibrationBins, spec.CalibrationCriterion, spec.Convention = "", 0, "", ""
	if !heldOut {
		spec.ValidationShare, spec.HeldOutBeyondLimit = 0, false
	}
	content, err := json.Marshal(spec)
	if err != nil {
		panic(fmt.Sprintf("experiment: a spec that cannot be encoded: %v", err)) // NaN, which Check refuses
	}
	return string(content)
}
