package main

import (
	"github.com/dismax-go/dismax/dismaxlib"
	. "github.com/gomlx/gomlx/core/graph"
)

func init() {
	dismaxlib.RegisterScore(&dismaxlib.Score{Name: "Spread", Title: "largest less mean logit", Graph: func(in dismaxlib.ScoreInputs) *Node {
		return Sub(ReduceMax(in.Logits, -1), ReduceMean(in.Logits, -1))
	}})
}
