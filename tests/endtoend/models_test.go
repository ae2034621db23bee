package endtoend

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

func TestModelsShowsTheLayersOfOne(t *testing.T) {
	for _, test := range []struct {
		args []string
		want string
	}{
		{[]string{"models"}, "21.277 M        1.159 G"},
		{[]string{"models", "resnet34"}, "21,276,992 parameters; 1.16 G multiply-adds"},
		{[]string{"models", "resnet34", "--size", "64"}, "4.64 G multiply-adds"},
	} {
		if output := succeed(t, dismax(t, test.args...)); !strings.Contains(output, test.want) {
			t.Errorf("dismax %v: no %q in\n%s", test.args, test.want, output)
		}
	}
	for _, test := range []struct {
		args []string
		want string
	}{
		{[]string{"models", "resnet35"}, "choose one of resnet8"},
		{[]string{"models", "--size", "64"}, "name the model"},
		{[]string{"models", "resnet8", "--size", "100000"}, "2048 pixels"},
	} {
		command := dismax(t, test.args...)
		output, _ := command.CombinedOutput()
		if status := command.ProcessState.ExitCode(); status != 2 || !strings.Contains(string(output), test.want) {
			t.Errorf("dismax %v: exit status %d and %q, want 2 and %q", test.args, status, output, test.want)
		}
	}
}

func TestRunInBFloat16SaysSo(t *testing.T) {
	folder, report := t.TempDir(), t.TempDir()
	flags := smallRun(folder, "--dtype", "bfloat16")
	succeed(t, dismax(t, flags...))
	first := read(t, folder)
	if first.Spec.DType != "bfloat16" {
		t.Errorf("the record's dtype is %q, want bfloat16", first.Spec.DType)
	}
	succeed(t, dismax(t, append(flags, "--again")...)) // evaluates what is trained
	if again := read(t, folder); !reflect.DeepEqual(again.Model, first.Model) || again.Test.Accuracy != first.Test.Accuracy {
		t.Errorf("evaluated again: %+v with accuracy %g, want %+v with %g",
			again.Model, again.Test.Accuracy, first.Model, first.Test.Accuracy)
	}
	succeed(t, dismax(t, "report", "--out", report, folder))
	page, err := os.ReadFile(filepath.Join(report, "report.md"))
	if err != nil || !strings.Contains(string(page), "computed in 16 bits") {
		t.Errorf("the report does not say that it is about 16 bits: %v\n%s", err, page)
	}
	for _, command := range []string{"run --dtype float16 --out " + folder, "bench --dtype float16"} {
		refused := dismax(t, strings.Fields(command)...)
		output, _ := refused.CombinedOutput()
		status := refused.ProcessState.ExitCode()
		if status != 2 || !strings.Contains(string(output), "float32, bfloat16") {
			t.Errorf("dismax %s: exit status %d and %q, want 2 and the dtypes", command, status, output)
		}
	}
}
