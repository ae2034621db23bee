// Package install puts XLA's plugins where package backend and other GoMLX programs find them. [Plugin] is all of it;
// nothing is fetched before it is called.
//
// The files come from the Python registry by the machine's own pip, pinned to versions and checksums in cpu.txt and
// cuda.txt. Nothing of the user's Python changes, nothing needs root, and a plugin appears only when it is whole. Start
// in install.go.
package install
