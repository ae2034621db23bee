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
	identity := trainingOf(e.spec)
	identity["number of classes"] = strconv.Itoa(len(e.images.Classes))
	identity["training images (SHA-256)"] = e.images.Train.SHA256()
	identity["validation images (SHA-256)"] = describe(e.images.Dataset, e.images.Validation).SHA256
	return identity
}

// trainingOf are the fields of a spec that training depends on.
func trainingOf(spec record.Spec) map[string]string { return fieldsOf(trainingPart(spec)) }

// fieldsOf are the fields of a spec as texts, by their names in words.
func fieldsOf(spec record.Spec) map[string]string {
	content, err := json.Marshal(spec)
	if err != nil {
		panic(fmt.Sprintf("experiment: a spec that cannot be encoded: %v", err)) // NaN, which Check refuses
	}
	var values map[string]json.RawMessage
	if err := json.Unmarshal(content, &values); err != nil {
		panic(fmt.Sprintf("experiment: a spec that cannot be decoded: %v", err)) // it was encoded just before
	}
	fields := map[string]string{}
	for name, value := range values {
		fields[strings.ReplaceAll(name, "_", " ")] = strings.Trim(string(value), `"`)
	}
	return fields
}

// trainingPart is the spec without what training does not depend on.
func trainingPart(spec record.Spec) record.Spec {
	heldOut := spec.Protocol == record.HeldOut // whether images are held out changes what is trained on
	spec.OutOfDistribution, spec.TestLimit = nil, 0
	spec.LearningRateChanges = nil // made on the way: the checkpoint holds them
	spec.Protocol, spec.CalibrationBins, spec.CalibrationCriterion, spec.Convention = "", 0, "", ""
	if !heldOut {
		spec.ValidationShare, spec.HeldOutBeyondLimit = 0, false
	}
	return spec
}
