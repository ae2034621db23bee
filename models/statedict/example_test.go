package statedict_test

import (
	"fmt"
	"log"

	"github.com/dismax-go/dismax/models/statedict"
	"github.com/gomlx/gomlx/ml/model"
)

// The weights of a network that PyTorch trained, in a store in which package models finds them.
func ExampleState_Load() {
	state, err := statedict.Read("../../tests/pytorch/resnet8-dismax.safetensors")
	if err != nil {
		log.Fatal(err)
	}
	store := model.NewStore()
	if err := state.Load(store); err != nil {
		log.Fatal(err)
	}
	fmt.Println(state["layer2.0.conv1.weight"].Shape().Dimensions)
	fmt.Println(store.GetVariable("/backbone/layer2/0/conv1/weights").Shape().Dimensions)
	fmt.Println(store.GetVariable("/head/prototypes").Shape().Dimensions)
	// Output:
	// [32 16 3 3]
	// [3 3 16 32]
	// [10 64]
}
