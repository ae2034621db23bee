// Package plugin finds the shared libraries through which XLA is reached, the PJRT plugins, and looks at them before
// any of their code runs, because loading a damaged one or giving XLA a flag that it does not know ends the process.
// It loads nothing itself: package loader does. Start in find.go.
package plugin
