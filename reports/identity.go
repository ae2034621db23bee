package reports

import (
	"cmp"
	"hash/fnv"
	"image/color"

	"github.com/dismax-go/dismax/dismaxlib/record"
)

// identity is what a loss looks like in every table and plot.
type identity struct {
	title  string // the record's
	colour color.NRGBA
	rank   int // order of rows and of legend entries
}

// paperLosses are the looks of the losses of the paper, by their registered names. The colours are those of Okabe and
// Ito, which people with colour blindness can distinguish.
var paperLosses = map[string]identity{
	"softmax":    {colour: rgb(0xD55E00), rank: 0},
	"isomax":     {colour: rgb(0xCC79A7), rank: 1},
	"isomaxplus": {colour: rgb(0x009E73), rank: 2},
	"dismax":     {colour: rgb(0x0072B2), rank: 3},
	"dismax-fpr": {colour: rgb(0x56B4E9), rank: 4},
}

// otherColours are for all other losses, for example a user's own.
var otherColours = []color.NRGBA{rgb(0xE69F00), rgb(0x7A5195), rgb(0x8C564B), rgb(0x5C6F00), rgb(0x3F4A9E)}

// identify returns the looks of the record's loss. The colour of a loss that is not the paper's depends on its name
// only, so that it is the same in every plot.
func identify(r *record.Record) identity {
	loss, ok := paperLosses[r.Spec.Loss]
	if !ok {
		hash := fnv.New32a()
		hash.Write([]byte(r.Spec.Loss))
		loss = identity{colour: otherColours[int(hash.Sum32()%uint32(len(otherColours)))], rank: len(paperLosses)}
	}
	loss.title = cmp.Or(r.Loss.Title, r.Spec.Loss)
	return loss
}

// The titles are those of the record; without one, a name stands for itself.

func modelTitle(r *record.Record) string   { return cmp.Or(r.Model.Title, r.Spec.Model) }
func datasetTitle(r *record.Record) string { return cmp.Or(r.Data.Test.Title, r.Spec.Dataset) }
func setTitle(set record.Set) string       { return cmp.Or(set.Title, set.Name) }

// rgb makes an opaque colour of 0xRRGGBB.
func rgb(hex uint32) color.NRGBA {
	return color.NRGBA{R: uint8(hex >> 16), G: uint8(hex >> 8), B: uint8(hex), A: 0xFF}
}
