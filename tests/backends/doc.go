// Package backends has the tests that compare what computes: XLA with goconv, and several devices with one. They need
// XLA's plugin for CPUs, and are skipped where it is not installed. Start in helpers_test.go.
package backends
