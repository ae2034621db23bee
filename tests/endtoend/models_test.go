package endtoend

import (
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
