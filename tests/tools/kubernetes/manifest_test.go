// Package kubernetes checks the manifest of a grid's job against the types of the Kubernetes API, in a module of its
// own: the library does not depend on that.
package kubernetes

import (
	"os"
	"slices"
	"testing"

	batch "k8s.io/api/batch/v1"
	core "k8s.io/api/core/v1"
	"sigs.k8s.io/yaml"
)

func TestTheManifestIsAnIndexedJobWhosePodsDoTheirIndex(t *testing.T) {
	content, err := os.ReadFile("../../../dismaxlib/experiment/grid/kubernetes/job.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var job batch.Job
	if err := yaml.UnmarshalStrict(content, &job); err != nil {
		t.Fatal(err)
	}
	if job.APIVersion != batch.SchemeGroupVersion.String() || job.Kind != "Job" {
		t.Errorf("got %s %s, want %s Job", job.APIVersion, job.Kind, batch.SchemeGroupVersion)
	}
	if mode := job.Spec.CompletionMode; mode == nil || *mode != batch.IndexedCompletion || job.Spec.Completions == nil {
		t.Errorf("completion mode %v with %v completions, want Indexed and a number", mode, job.Spec.Completions)
	}
	pod := job.Spec.Template.Spec
	if pod.RestartPolicy != core.RestartPolicyNever { // as backoffLimitPerIndex demands
		t.Errorf("restart policy: got %s, want %s", pod.RestartPolicy, core.RestartPolicyNever)
	}
	if len(pod.Containers) != 1 {
		t.Fatalf("got %d containers, want 1", len(pod.Containers))
	}
	command := pod.Containers[0].Command
	if at := slices.Index(command, "--index"); at < 0 || at+1 >= len(command) || command[at+1] != "$(JOB_COMPLETION_INDEX)" {
		t.Errorf("the command does not take its index from the pod: %q", command)
	}
	var volumes []string
	for _, volume := range pod.Volumes {
		volumes = append(volumes, volume.Name)
	}
	for _, mount := range pod.Containers[0].VolumeMounts {
		if !slices.Contains(volumes, mount.Name) {
			t.Errorf("volume %s is mounted and not declared", mount.Name)
		}
	}
}
