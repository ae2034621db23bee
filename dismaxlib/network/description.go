package network

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/dismax-go/dismax/dismaxlib"
	"github.com/dismax-go/dismax/models"
)

// Description names a network in a file. Model and loss are looked up when it is read, so they must be registered then.
type Description struct {
	Model      string    `json:"model"` // a name of models.ByName
	Loss       string    `json:"loss"`  // a name of dismaxlib.LossByName
	ClassNames []string  `json:"class_names"`
	Height     int       `json:"height"`
	Width      int       `json:"width"`
	Mean       []float32 `json:"mean"`
	Std        []float32 `json:"std"`
	DType      string    `json:"dtype,omitempty"` // of the backbone; empty is float32
}

// Describe returns the names of the network. It is an error if one of them does not stand for the same thing in the
// registries, since nobody could read the file.
func (n *Network) Describe() (Description, error) {
	if err := n.Check(); err != nil {
		return Description{}, err
	}
	if registered, err := models.ByName(n.Model.Name); err != nil {
		return Description{}, fmt.Errorf("%w; models.Register makes it known", err)
	} else if registered != n.Model {
		return Description{}, fmt.Errorf("another model is registered as %q", n.Model.Name)
	}
	if _, err := dismaxlib.LossByName(n.Loss.Name); err != nil {
		return Description{}, fmt.Errorf("%w; dismaxlib.RegisterLoss makes it known", err)
	}
	d := Description{
		Model: n.Model.Name, Loss: n.Loss.Name, ClassNames: n.ClassNames,
		Height: n.Height, Width: n.Width, Mean: n.Mean, Std: n.Std,
	}
	if n.DType.IsFloat16() {
		d.DType = strings.ToLower(n.DType.String())
	}
	return d, nil
}

// Network returns the network that the description names, checked.
func (d Description) Network() (*Network, error) {
	architecture, err := models.ByName(d.Model)
	if err != nil {
		return nil, err
	}
	loss, err := dismaxlib.LossByName(d.Loss)
	if err != nil {
		return nil, err
	}
	dtype, err := models.DTypeByName(d.DType)
	if err != nil {
		return nil, err
	}
	n := &Network{
		Model: architecture, Loss: loss, ClassNames: d.ClassNames,
		Height: d.Height, Width: d.Width, Mean: d.Mean, Std: d.Std, DType: dtype,
	}
	return n, n.Check()
}

// NumberedClasses returns names for classes that have none: "0", "1", … It panics if the count is negative.
func NumberedClasses(count int) []string {
	if count < 0 {
		panic(fmt.Sprintf("network.NumberedClasses: the count is %d, want 0 or more", count))
	}
	names := make([]string, count)
	for class := range names {
		names[class] = strconv.Itoa(class)
	}
	return names
}
