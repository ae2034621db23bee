// Command randomstate shows that GoMLX's variable of the random state does not know its store: asked for its value on
// several devices, it panics where any other variable takes the sharding of the store.
package main

import (
	"fmt"

	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"
)

func main() {
	store := model.NewStore()
	check(store.SetRNGStateFromSeed(1))
	_, err := store.CreateVariable("/w", tensors.FromScalar(float32(1)))
	check(err)
	for variable := range store.IterVariables() {
		fmt.Printf("%s: %s\n", variable.Path(), distribute(variable))
	}
}

// distribute tells what comes of distributing a variable, for which this store has no sharding.
func distribute(variable *model.Variable) (told string) {
	defer func() {
		if problem := recover(); problem != nil {
			told = fmt.Sprint("panics: ", problem)
		}
	}()
	_, err := variable.DistributedValue()
	return fmt.Sprint("returns an error: ", err)
}

func check(err error) {
	if err != nil {
		panic(err)
	}
}
