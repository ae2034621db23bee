package training_test

import (
	"context"
	"strings"
	"testing"

	"github.com/dismax-go/dismax/dismaxlib/training"
	"github.com/gomlx/compute"
)

// manyDevices says that it has four devices.
type manyDevices struct{ compute.Backend }

func (manyDevices) NumDevices() int { return 4 }

func TestWhatKeepsABackendFromTrainingOnSeveralDevicesIsSaidInALine(t *testing.T) {
	for _, test := range []struct {
		name           string
		backend        compute.Backend
		devices, batch int
		inText         string // "": nothing does
	}{
		{"one device by default", goBackend(t), 0, 7, ""},
		{"one device", goBackend(t), 1, 7, ""},
		{"as many as there are", manyDevices{goBackend(t)}, 4, 32, ""},
		{"a negative number", goBackend(t), -1, 32, "-1 devices: want 1 or more"},
		{"a backend without devices", goBackend(t), 2, 32, "2 devices: the backend Go Backend has only one"},
		{"more than there are", manyDevices{goBackend(t)}, 8, 32, "8 devices: the backend Go Backend has only 4"},
		{"a batch that they do not divide", manyDevices{goBackend(t)}, 3, 32, "a multiple of 3"},
	} {
		err := training.CheckDevices(test.backend, test.devices, test.batch)
		if test.inText == "" && err != nil {
			t.Errorf("%s: %v; want no error", test.name, err)
		}
		if test.inText != "" && (err == nil || !strings.Contains(err.Error(), test.inText)) {
			t.Errorf("%s: error %v; want one with %q", test.name, err, test.inText)
		}
	}
}

func TestRunRefusesDevicesBeforeItTrains(t *testing.T) {
	for _, test := range []struct {
		name    string
		backend compute.Backend
		devices int
		inText  string
	}{
		{"that the backend does not have", goBackend(t), 2, "has only one"},
		{"that do not divide the batch", manyDevices{goBackend(t)}, 3, "a batch of 8 images"},
	} {
		c := config(t, t.TempDir())
		c.Backend, c.Devices = test.backend, test.devices
		_, err := training.Run(context.Background(), c)
		if err == nil || !strings.Contains(err.Error(), test.inText) {
			t.Errorf("devices %s: error %v; want one with %q", test.name, err, test.inText)
		}
	}
}
