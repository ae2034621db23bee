package bench_test

import (
	"reflect"
	"strings"
	"testing"

	"github.com/dismax-go/dismax/internal/bench"
)

func TestEveryModelIsMeasuredWithEveryLoss(t *testing.T) {
	got, err := bench.ParseCases([]string{"resnet20:32", "densenet-bc-100"}, []string{"dismax", "softmax"})
	if err != nil {
		t.Fatal(err)
	}
	want := []bench.Case{
		{Model: "resnet20", Batch: 32, Loss: "dismax"}, {Model: "resnet20", Batch: 32, Loss: "softmax"},
		{Model: "densenet-bc-100", Batch: 64, Loss: "dismax"}, {Model: "densenet-bc-100", Batch: 64, Loss: "softmax"},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestMistakenCasesNameTheAlternatives(t *testing.T) {
	for _, test := range []struct {
		name           string
		models, losses []string
		want           string // in the error
	}{
		{"unknown model", []string{"resnet:32"}, []string{"dismax"}, "wideresnet-28-10"},
		{"unknown loss", []string{"resnet20:32"}, []string{"hinge"}, "isomaxplus"},
		{"no number", []string{"resnet20:many"}, []string{"dismax"}, "resnet20:64"},
		{"empty number", []string{"resnet20:"}, []string{"dismax"}, "resnet20:64"},
		{"batch of none", []string{"resnet20:0"}, []string{"dismax"}, "resnet20:64"},
		{"no model", nil, []string{"dismax"}, "resnet20"},
		{"no loss", []string{"resnet20"}, nil, "dismax-fpr"},
	} {
		cases, err := bench.ParseCases(test.models, test.losses)
		if err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: got cases %v and error %v, want an error that names %s", test.name, cases, err, test.want)
		}
	}
}
