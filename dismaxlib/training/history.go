package training

import (
	"fmt"
	"math"
)

// History is what a finished training run did, over all of its sessions.
type History struct {
	Epochs       []Epoch
	Resumed      int  // how often it was continued from a checkpoint
	StoppedEarly bool // by [ErrStop]
	// SecondsBefore is the wall-clock time of those training steps that earlier sessions did.
	SecondsBefore float64
	// RateChanges are where it went on at another learning rate than its schedule has.
	RateChanges []RateChange
}

// Epoch is one finished pass over the training images.
type Epoch struct {
	Number          int     `json:"number"` // counted from 1
	Step            int     `json:"step"`   // steps done at its end, over all epochs
	LearningRate    float64 `json:"learning_rate"`
	Loss            float64 `json:"loss"` // mean over the steps
	Images          int     `json:"images"`
	Seconds         float64 `json:"seconds"` // of its training steps
	ImagesPerSecond float64 `json:"images_per_second"`

	Validation *Validation `json:"validation,omitempty"` // nil: nothing was held out
	// Attached is a text that [Config.AfterEpoch] wants to be kept with the epoch; nothing here looks into it.
	Attached string `json:"attached,omitempty"`
}

// Validation is how good the network is on images held out of training.
type Validation struct {
	Loss     float64 `json:"loss"`     // mean over the images
	Accuracy float64 `json:"accuracy"` // share of the images classified correctly, from 0 to 1
}

// Seconds is the wall-clock time of the training steps of all epochs.
func (h *History) Seconds() float64 {
	total := 0.0
	for _, epoch := range h.Epochs {
		total += epoch.Seconds
	}
	return total
}

// String is the line that [Bar] and [Lines] write.
func (e Epoch) String() string {
	validation := ""
	if e.Validation != nil {
		validation = fmt.Sprintf("  validation %.1f%%", 100*e.Validation.Accuracy)
	}
	return fmt.Sprintf("epoch %3d  loss %.4f%s  learning rate %.4g  %.1f s  %.0f images/s",
		e.Number, e.Loss, validation, e.LearningRate, e.Seconds, e.ImagesPerSecond)
}

// bestStep returns the step at the end of the epoch with the smallest validation loss, the first of equals, among those
// that ended by the given step; 0 if none was validated.
func bestStep(epochs []Epoch, until int) int {
	step, smallest := 0, math.Inf(1)
	for _, epoch := range epochs {
		if epoch.Validation != nil && epoch.Step <= until && epoch.Validation.Loss < smallest {
			step, smallest = epoch.Step, epoch.Validation.Loss
		}
	}
	return step
}
